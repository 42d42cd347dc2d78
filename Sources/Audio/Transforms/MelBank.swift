import Foundation
import Kernels
import Tensor

/// Overlapping triangles over the bins of a spectrum, stored without their zeros.
///
/// Between `count + 2` points that are equally far apart in mel, `p_0 ..< p_{count + 1}`, band `m`
/// rises from 0 at `p_m` to its peak at `p_{m + 1}` and falls to 0 at `p_{m + 2}`. A band between two
/// bins of the spectrum has no weights and no energy.
///
/// Source: librosa `filters.mel` and torchaudio `melscale_fbanks`, straight over Hz; Kaldi
/// `feat/mel-computations.cc`, straight over mel and without the last bin.
struct MelBank: Sendable {
  /// Bins of the spectrum.
  let bins: Int
  private let bands: [EtudeBand]
  private let weights: [Float]

  /// How many bands there are.
  var count: Int { bands.count }

  /// - Parameter areaNormalized: Scales a band by 2 / its width in Hz (Slaney); else its peak is 1.
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

  /// Writes the energy of each band: `output[m] = Σ weight[m, ν] spectrum[ν]`.
  func callAsFunction(
    _ spectrum: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>
  ) {
    etude_band_sums(output, spectrum, weights, bands, bands.count)
  }

  /// The weights with their zeros, `[count, bins]`.
  var matrix: Tensor {
    Tensor(shape: [count, bins]) { (matrix: UnsafeMutableBufferPointer<Float>) in
      matrix.update(repeating: 0)
      for (m, band) in bands.enumerated() {
        for i in 0..<band.count { matrix[m * bins + band.first + i] = weights[band.weight + i] }
      }
    }
  }
}

/// A triangle of height 1 over an axis.
private struct Triangle {
  private let low, peak, high: Double

  init(corners: ArraySlice<Double>) {
    let corners = Array(corners)
    (low, peak, high) = (corners[0], corners[1], corners[2])
  }

  func height(at position: Double) -> Double {
    min((position - low) / (peak - low), (high - position) / (high - peak))
  }

  /// Which of these ascending positions lie under it.
  func indices(of positions: [Double]) -> Range<Int> {
    let first = positions.firstIndex { $0 > low } ?? positions.count
    let end = positions[first...].firstIndex { $0 >= high } ?? positions.count
    return first..<end
  }
}
