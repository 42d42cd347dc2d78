import Audio
import Foundation
import Tensor
import TestSupport
import Testing

/// The signal of `Tests/Golden/audio.py`: four plucked notes over a little noise.
func goldenSignal(seconds: Double, sampleRate: Int) -> [Float] {
  goldenSignal(samples: Int((seconds * Double(sampleRate)).rounded()), sampleRate: sampleRate)
}

func goldenSignal(samples: Int, sampleRate: Int, noise: Double = 0.01) -> [Float] {
  let pitches = [110.0, 277.18, 659.26, 1760.0]
  return (0..<samples).map { n in
    let t = Double(n) / Double(sampleRate)
    var x = noise * (Double((n &* 2_654_435_761) % 65_536) / 65_536 - 0.5)
    for (number, pitch) in pitches.enumerated() {
      let since = t - 0.2 * Double(number)
      if since >= 0 { x += 0.2 * exp(-3 * since) * sin(2 * .pi * pitch * since) }
    }
    return Float(x)
  }
}

/// The kept frames of one golden, and the same frames of `features`.
func kept(
  _ name: String, of features: Tensor, in file: String = "audio"
) throws -> (ours: Tensor, expected: Tensor) {
  let goldens = try golden(file)
  let expected = try #require(goldens[name])
  let rows = try #require(goldens[name + ".rows"]).integers.map(Int.init)
  let count = try #require(goldens[name + ".count"]).integers[0]
  try #require(features.shape == [Int(count), expected.shape[1]])
  return (features.gatheringRows(rows), expected)
}

/// The largest difference between elements.
func largestDifference(_ a: Tensor, _ b: Tensor) -> Float {
  zip(a.scalars, b.scalars).map { $0.isNaN ? .infinity : abs($0 - $1) }.max() ?? 0
}

/// `|STFT|²` of zero-padded centred frames by direct summation.
func directPower(_ x: [Float], fftLength: Int, windowLength: Int, hop: Int) -> [Float] {
  (0...x.count / hop).flatMap { frame in
    (0...fftLength / 2).map { bin -> Float in
      var (real, imaginary) = (0.0, 0.0)
      for i in 0..<windowLength {
        let n = i + (fftLength - windowLength) / 2
        let position = frame * hop + n - fftLength / 2
        guard x.indices.contains(position) else { continue }
        let window = 0.5 - 0.5 * cos(2 * .pi * Double(i) / Double(windowLength))
        let angle = -2 * .pi * Double(bin * n) / Double(fftLength)
        real += window * Double(x[position]) * cos(angle)
        imaginary += window * Double(x[position]) * sin(angle)
      }
      return Float(real * real + imaginary * imaginary)
    }
  }
}
