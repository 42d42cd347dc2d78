import Foundation

/// A scale on which equal steps sound about equally far apart.
public enum MelScale: String, Codable, Sendable {
  /// `2595 log10(1 + f / 700)`.
  case htk
  /// Linear below 1 kHz, logarithmic above; Slaney's Auditory Toolbox, librosa's default.
  case slaney

  /// Hz to mel.
  public func mel(_ frequency: Double) -> Double {
    switch self {
    case .htk: 2595 * log10(1 + frequency / 700)
    case .slaney:
      frequency < 1000 ? frequency * 3 / 200 : 15 + 27 * log(frequency / 1000) / log(6.4)
    }
  }

  /// Mel to Hz.
  public func frequency(_ mel: Double) -> Double {
    switch self {
    case .htk: 700 * (pow(10, mel / 2595) - 1)
    case .slaney: mel < 15 ? mel * 200 / 3 : 1000 * exp((mel - 15) * log(6.4) / 27)
    }
  }
}

/// Overlapping triangles over the bins of a spectrum, peak 1 each, stored without their zeros.
struct MelBank: Sendable {
  private struct Band {
    var first: Int
    var weights: [Float]
  }

  private let bands: [Band]

  var count: Int { bands.count }

  /// Triangles between `count + 2` points that are equally far apart in mel; their sides are
  /// straight over Hz, as in librosa and torchaudio.
  /// - Parameter areaNormalized: Scales a band by 2 / its width in Hz (Slaney).
  init(
    count: Int, fftLength: Int, sampleRate: Int, range: ClosedRange<Double>, scale: MelScale,
    areaNormalized: Bool
  ) {
    let points = MelBank.points(
      count, from: scale.mel(range.lowerBound), to: scale.mel(range.upperBound)
    )
    .map(scale.frequency)
    let spacing = Double(sampleRate) / Double(fftLength)
    bands = (0..<count).map { band in
      let gain = areaNormalized ? 2 / (points[band + 2] - points[band]) : 1
      return MelBank.band(points[band...], bins: fftLength / 2 + 1, gain: gain) {
        Double($0) * spacing
      }
    }
  }

  /// Kaldi's triangles: straight over mel, and nothing in the last bin.
  /// Source: Kaldi `feat/mel-computations.cc`.
  init(kaldi count: Int, fftLength: Int, sampleRate: Int, range: ClosedRange<Double>) {
    func mel(_ frequency: Double) -> Double { 1127 * log(1 + frequency / 700) }
    let points = MelBank.points(count, from: mel(range.lowerBound), to: mel(range.upperBound))
    let spacing = Double(sampleRate) / Double(fftLength)
    bands = (0..<count).map { band in
      MelBank.band(points[band...], bins: fftLength / 2, gain: 1) { mel(Double($0) * spacing) }
    }
  }

  /// Writes the energy of each band: `output[m] = Σ weight[m, ν] power[ν]`.
  func callAsFunction(
    _ power: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>
  ) {
    for (m, band) in bands.enumerated() {
      var energy: Float = 0
      for i in 0..<band.weights.count { energy += band.weights[i] * power[band.first + i] }
      output[m] = energy
    }
  }

  private static func points(_ count: Int, from low: Double, to high: Double) -> [Double] {
    (0..<count + 2).map { low + (high - low) * Double($0) / Double(count + 1) }
  }

  private static func band(
    _ points: ArraySlice<Double>, bins: Int, gain: Double, position: (Int) -> Double
  ) -> Band {
    let (low, peak, high) = (
      points.first!, points[points.startIndex + 1], points[points.startIndex + 2]
    )
    let inside = (0..<bins).filter { position($0) > low && position($0) < high }
    let weights = inside.map { bin -> Float in
      let rise = (position(bin) - low) / (peak - low)
      let fall = (high - position(bin)) / (high - peak)
      return Float(gain * min(rise, fall))
    }
    return Band(first: inside.first ?? 0, weights: weights)
  }
}
