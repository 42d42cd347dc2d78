import Audio
import Foundation
import MusicSupport
import Tensor
import TestSupport
import Testing

@Suite struct ResamplerTests {
  private static let ratios = [
    (44_100, 24_000), (48_000, 24_000), (44_100, 16_000), (16_000, 24_000), (22_050, 24_000),
    (24_000, 16_000), (11_025, 24_000),
  ]

  /// The signal of `Tests/Golden/resample.py`.
  private func signal(_ count: Int, rate: Int) -> [Float] {
    (0..<count).map { n in
      let t = Double(n) / Double(rate)
      let tones = 0.3 * sin(2 * .pi * 220 * t) + 0.2 * sin(2 * .pi * 3000 * t + 1)
      let high = 0.2 * sin(2 * .pi * 0.45 * Double(rate) * t)
      let noise = Double((n &* 2_654_435_761) % 65_536) / 65_536 - 0.5
      return Float(tones + high + 0.2 * noise)
    }
  }

  @Test(arguments: Resampler.allCases, ratios)
  func equalsItsReference(resampler: Resampler, ratio: (old: Int, new: Int)) throws {
    let goldens = try golden("resample")
    for count in [1, 2, 17, 1000, 20_011] {
      let name = "\(resampler.rawValue).\(ratio.old).\(ratio.new).\(count)"
      let expected = try #require(goldens[name]).scalars
      let rows = try #require(goldens[name + ".rows"]).integers
      let ours = resampler.resample(
        signal(count, rate: ratio.old), from: ratio.old, to: ratio.new)
      try #require(
        try #require(goldens[name + ".count"]).integers == [Int32(ours.count)], "\(name)")
      #expect(ours.count == resampler.count(of: count, from: ratio.old, to: ratio.new))
      let worst = zip(rows, expected).map { abs(ours[Int($0)] - $1) }.max() ?? 0
      #expect(worst < 1e-5, "\(name): \(worst)")
    }
  }

  @Test(arguments: Resampler.allCases)
  func oneRateChangesNothing(resampler: Resampler) {
    #expect(resampler.resample([1, 2, 3], from: 8000, to: 8000) == [1, 2, 3])
    #expect(resampler.resample([], from: 8000, to: 16_000).isEmpty)
  }

  /// A sine below both Nyquist frequencies stays what it is, at rates that share no simple ratio.
  @Test(arguments: Resampler.allCases)
  func awkwardRatesKeepATone(resampler: Resampler) {
    func tone(_ rate: Int) -> [Float] {
      (0..<rate / 4).map { Float(sin(2 * .pi * 500 * Double($0) / Double(rate))) }
    }
    for (old, new) in [(7919, 8000), (8000, 7919), (96_000, 8000), (8000, 48_000)] {
      let ours = resampler.resample(tone(old), from: old, to: new)
      let ideal = tone(new)
      // The ends differ: there the filter sees silence.
      let worst = (new / 16..<new / 8).map { abs(ours[$0] - ideal[$0]) }.max()!
      #expect(worst < 2e-3, "\(resampler) \(old) to \(new): \(worst)")
    }
  }
}
