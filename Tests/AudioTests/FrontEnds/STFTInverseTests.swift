import Audio
import Foundation
import Tensor
import TestSupport
import Testing

/// Signals from their short-time spectra.
@Suite struct STFTInverseTests {
  private func noise(_ count: Int) -> [Float] {
    var stream = RandomStream(seed: 4, purpose: .corpus)
    return (0..<count).map { _ in Float.random(in: -1..<1, using: &stream) }
  }

  /// Reflected and silent padding, an odd length, a window shorter than the transform.
  @Test(arguments: [
    (64, nil, 16, STFT.Padding.reflection), (64, nil, 20, .zeros), (64, 48, 12, .reflection),
    (51, nil, 10, .zeros),
  ])
  func aSpectrumGivesItsSignal(
    length: Int, window: Int?, hop: Int, padding: STFT.Padding
  ) {
    let stft = STFT(fftLength: length, windowLength: window, hopLength: hop, padding: padding)
    // A whole number of steps, so that a window reaches every sample.
    let signal = noise(30 * hop)
    let again = stft.inverse(stft(signal), count: signal.count)
    #expect(zip(signal, again).allSatisfy { abs($0 - $1) < 1e-5 })
  }

  /// A spectrum that is no signal's has the nearest one: half of every second frame.
  @Test func framesThatDisagreeAreAveraged() {
    let stft = STFT(fftLength: 32, hopLength: 8, padding: .zeros)
    let signal = noise(160)
    var spectrum = stft(signal)
    spectrum.update { numbers in
      for frame in stride(from: 0, to: 21, by: 2) {
        for i in 0..<34 { numbers[frame * 34 + i] = 0 }
      }
    }
    let half = stft.inverse(spectrum, count: 160)
    // w² of the frames that are left, over w² of all.
    let weights = (40..<120).map { n -> Float in
      let squares = (0..<21).map { frame -> Double in
        let place = n - frame * 8 + 16
        guard (0..<32).contains(place) else { return 0 }
        let w = 0.5 - 0.5 * cos(2 * Double.pi * Double(place) / 32)
        return w * w
      }
      let odd = stride(from: 1, to: 21, by: 2).reduce(0) { $0 + squares[$1] }
      return Float(odd / squares.reduce(0, +))
    }
    #expect(zip(40..<120, weights).allSatisfy { abs(half[$0] - $1 * signal[$0]) < 1e-5 })
  }
}
