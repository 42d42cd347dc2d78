import Tensor

/// Turns the magnitudes that a model estimates for a source into its complex stereo spectrum.
///
/// The multichannel Wiener filter of two sources, the target and the rest of the mixture, after one step of
/// expectation and maximisation. For windows of frames, with `x` the mixture of both channels and `V` the estimate:
///
/// 1. `y₁ = V exp(i arg x)` in each channel and `y₂ = x − y₁`;
/// 2. all are divided by `m = max(1, max |x| / 10)`;
/// 3. powers `v_j(t, f) = mean over channels of |y_j|²` and covariances
///    `R_j(f) = Σ_t y_j y_jᴴ / (ε + Σ_t v_j)`;
/// 4. `C = √ε I + Σ_j v_j R_j` and `y₁ = m v₁ R₁ C⁻¹ x`.
///
/// - Source: Nugraha, Liutkus and Vincent 2016, *Multichannel Music Separation with Deep Neural Networks*; open-unmix
///   `filtering.wiener` with `residual=True`, except that where the mixture is 0 it stays 0; open-unmix makes it 1.
package struct WienerFilter: Sendable {
  /// The energy of what is modelled as noise, `ε`.
  static let epsilon = 1e-10
  /// The highest magnitude of a mixture that is not scaled down.
  static let ceiling = 10.0

  /// Frames that share one covariance for each bin.
  package let windowFrames: Int

  /// - Parameter windowFrames: Frames of a window; the last one may be shorter. MARBLE has 600, 8 seconds.
  /// - Traps when: it is not positive.
  package init(windowFrames: Int = 600) {
    precondition(
      windowFrames > 0, "WienerFilter.init: needs a window of 1 frame or more, got \(windowFrames)")
    self.windowFrames = windowFrames
  }

  /// The spectrum of the target.
  ///
  /// - Parameters:
  ///   - magnitudes: `V`, the same for both channels, `[T, F]`.
  ///   - mixture: `x`, `[T, F]` in each channel.
  ///   - bins: `F`.
  /// - Returns: `y₁`, of the shape of the mixture. NaN where a magnitude of the window is NaN in this bin.
  /// - Traps when: `bins` is not positive, or there is not one magnitude for each value of a channel in whole frames.
  package func target(
    of magnitudes: [Float], in mixture: StereoSpectrum, bins: Int
  ) -> StereoSpectrum {
    precondition(
      bins > 0 && magnitudes.count == mixture.count && mixture.count.isMultiple(of: max(bins, 1)),
      "WienerFilter.target: needs a magnitude for each of whole frames of \(bins) bins, got"
        + " \(magnitudes.count) for \(mixture.count)")
    var target = mixture
    for start in stride(from: 0, to: mixture.count, by: windowFrames * bins) {
      let places = start..<min(start + windowFrames * bins, mixture.count)
      separate(places, of: magnitudes, bins: bins, in: &target)
    }
    return target
  }

  /// Replaces the mixture in one window by the target.
  private func separate(
    _ places: Range<Int>, of magnitudes: [Float], bins: Int, in spectrum: inout StereoSpectrum
  ) {
    let scale = scale(of: spectrum, in: places)
    let window = places.map { place in
      let mixture = spectrum[place]
      let target = ComplexPair(
        left: mixture.left.withMagnitude(Double(magnitudes[place])),
        right: mixture.right.withMagnitude(Double(magnitudes[place])))
      return SourcePair(mixture: (1 / scale) * mixture, target: (1 / scale) * target)
    }
    let models = models(of: window, bins: bins)
    for (place, sources) in zip(places, window) {
      spectrum[place] = scale * models[place % bins].target(in: sources)
    }
  }

  /// `m = max(1, max |x| / 10)`
  private func scale(of spectrum: StereoSpectrum, in places: Range<Int>) -> Double {
    let loudest = places.reduce(0) { loudest, place in
      max(loudest, spectrum[place].left.power, spectrum[place].right.power)
    }
    return max(1, loudest.squareRoot() / Self.ceiling)
  }

  /// The covariances of each bin.
  private func models(of window: [SourcePair], bins: Int) -> [SourceModel] {
    var models = [SourceModel](repeating: SourceModel(), count: bins)
    for (place, sources) in window.enumerated() { models[place % bins].add(sources) }
    return models
  }
}

/// The mixture and the first estimate of the target in one bin of one frame.
private struct SourcePair {
  var mixture: ComplexPair
  var target: ComplexPair
  var residual: ComplexPair { mixture - target }
}

/// The spatial covariances of target and residual in one bin of a window.
private struct SourceModel {
  private var target = SpatialCovariance()
  private var residual = SpatialCovariance()

  mutating func add(_ sources: SourcePair) {
    target.add(sources.target)
    residual.add(sources.residual)
  }

  /// `v₁ R₁ C⁻¹ x`
  func target(in sources: SourcePair) -> ComplexPair {
    let ours = sources.target.power * target.value
    let others = sources.residual.power * residual.value
    let noise = WienerFilter.epsilon.squareRoot() * Covariance.identity
    return ours * (noise + ours + others).solve(sources.mixture)
  }
}

/// `R = Σ y yᴴ / (ε + Σ v)`, summed over frames.
private struct SpatialCovariance {
  private var sum = Covariance.zero
  private var power = WienerFilter.epsilon

  mutating func add(_ y: ComplexPair) {
    sum = sum + Covariance(of: y)
    power += y.power
  }

  var value: Covariance { (1 / power) * sum }
}
