import Kernels
import Tensor

/// Overlapping triangles over the bins of a spectrum; only the weights above 0 are stored.
///
/// `count + 2` points `p_0 ..< p_{count + 1}` have equal distances in mel. Band `m` rises from 0 at
/// `p_m` to its peak at `p_{m + 1}` and falls to 0 at `p_{m + 2}`. A band that lies between two
/// bins of the spectrum has no weights and an energy of 0.
///
/// - Source: librosa `filters.mel` and torchaudio `melscale_fbanks`, whose triangles are linear in
///   Hz; Kaldi `feat/mel-computations.cc`, whose triangles are linear in mel and omit the last bin.
struct MelBank: Sendable {
  /// The number of bins of the spectrum.
  let bins: Int
  private let bands: [EtudeBand]
  private let weights: [Float]

  /// The number of bands.
  var count: Int { bands.count }

  /// - Parameter areaNormalized: Whether a band is scaled by 2 / its width in Hz (Slaney); if not,
  ///   its peak is 1.
  init(
    count: Int, fftLength: Int, sampleRate: Int, range: ClosedRange<Double>, scale: MelScale,
    areaNormalized: Bool
  ) {
    let (low, high) = (scale.mel(range.lowerBound), scale.mel(range.upperBound))
    let mels = (0..<count + 2).map { low + (high - low) * Double($0) / Double(count + 1) }
    let hertz = mels.map(scale.frequency)
    let isOverMel = scale == .kaldi
    bins = fftLength / 2 + 1
    let positions = (0..<(isOverMel ? bins - 1 : bins)).map { bin in
      let frequency = Double(bin) * Double(sampleRate) / Double(fftLength)
      return isOverMel ? scale.mel(frequency) : frequency
    }
    var (bands, weights) = ([EtudeBand](), [Float]())
    for m in 0..<count {
      let gain = areaNormalized ? 2 / (hertz[m + 2] - hertz[m]) : 1
      let triangle = Triangle(corners: (isOverMel ? mels : hertz)[m..<m + 3])
      let inside = triangle.indices(of: positions)
      bands.append(EtudeBand(weight: weights.count, first: inside.lowerBound, count: inside.count))
      weights += inside.map { Float(gain * triangle.height(at: positions[$0])) }
    }
    (self.bands, self.weights) = (bands, weights)
  }

  private init(bins: Int, bands: [EtudeBand], weights: [Float]) {
    (self.bins, self.bands, self.weights) = (bins, bands, weights)
  }

  /// The bands that have weights.
  var withoutEmptyBands: MelBank {
    MelBank(bins: bins, bands: bands.filter { $0.count > 0 }, weights: weights)
  }

  /// Writes the energy of each band: `output[m] = Σ weight[m, ν] spectrum[ν]`.
  func callAsFunction(
    _ spectrum: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>
  ) {
    etude_band_sums(output, spectrum, weights, bands, bands.count)
  }

  /// The transpose: adds `weight[m, ν] energies[m]` to each bin `ν`.
  func spread(_ energies: UnsafePointer<Float>, onto spectrum: UnsafeMutablePointer<Float>) {
    etude_band_spread(spectrum, energies, weights, bands, bands.count)
  }

  /// The weights as a dense matrix, `[count, bins]`.
  var matrix: Tensor {
    Tensor(shape: [count, bins]) { (matrix: UnsafeMutableBufferPointer<Float>) in
      matrix.update(repeating: 0)
      for (m, band) in bands.enumerated() {
        for i in 0..<band.count { matrix[m * bins + band.first + i] = weights[band.weight + i] }
      }
    }
  }
}

/// A triangle of height 1.
private struct Triangle {
  private let low, peak, high: Double

  init(corners: ArraySlice<Double>) {
    let corners = Array(corners)
    (low, peak, high) = (corners[0], corners[1], corners[2])
  }

  func height(at position: Double) -> Double {
    min((position - low) / (peak - low), (high - position) / (high - peak))
  }

  /// The range of the positions under the triangle; positions are ascending.
  func indices(of positions: [Double]) -> Range<Int> {
    let first = positions.firstIndex { $0 > low } ?? positions.count
    let end = positions[first...].firstIndex { $0 >= high } ?? positions.count
    return first..<end
  }
}
