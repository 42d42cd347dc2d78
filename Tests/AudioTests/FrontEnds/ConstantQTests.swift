import Audio
import Foundation
import Tensor
import TestSupport
import Testing

@Suite struct ConstantQTests {
  struct Case: Sendable {
    var sampleRate = 24_000
    var seconds = 2.0
    var hop = 320
    var bins = 336
    var binsPerOctave = 48

    var name: String { "cqt\(bins).\(sampleRate).\(hop).\(Int(seconds))s" }

    var transform: ConstantQ {
      var config = ConstantQ.Config()
      config.frameRate = Double(sampleRate) / Double(hop)
      (config.bins, config.binsPerOctave) = (bins, binsPerOctave)
      return ConstantQ(config, sampleRate: sampleRate)
    }
  }

  /// The last case is long enough to be cut into blocks; the third has kernels whose kept
  /// spectrum reaches below 0 Hz.
  @Test(arguments: [
    Case(), Case(hop: 480),
    Case(sampleRate: 16_000, seconds: 1, hop: 160, bins: 84, binsPerOctave: 12),
    Case(seconds: 15),
  ])
  func equalsNnAudio(_ this: Case) throws {
    let signal = goldenSignal(seconds: this.seconds, sampleRate: this.sampleRate)
    let (ours, expected) = try kept(this.name, of: this.transform(signal))
    expectClose(ours, expected, relative: 1e-4)
  }

  @Test func aSinusoidAtABinHasHalfItsAmplitudeTimesTheRootOfTheKernel() {
    let transform = ConstantQ(sampleRate: 24_000)
    let frequency = transform.config.frequency(of: 200)
    let signal = (0..<48_000).map { Float(sin(2 * .pi * frequency * Double($0) / 24_000)) }
    let features = transform(signal)
    let length = (transform.config.quality * 24_000 / frequency).rounded(.up)
    let value = features.scalars[75 * 336 + 200]
    #expect(abs(value / Float(length.squareRoot() / 2) - 1) < 1e-4)
    let row = features.scalars[75 * 336..<76 * 336]
    #expect(row.max() == value)
  }

  @Test func aClipIsTheSameInsideALongerSignal() {
    let transform = Case(sampleRate: 8000, hop: 100, bins: 24, binsPerOctave: 12).transform
    let silence = [Float](repeating: 0, count: 8000 * 90)
    let clip = goldenSignal(seconds: 1, sampleRate: 8000)
    let alone = transform(silence[..<16_000] + clip + silence[..<16_000])
    // 90 s of silence first: the clip now lies in another block.
    let later = transform(silence + clip + silence[..<16_000])
    let window = later.sliced(axis: 0, 7200 - 160..<7200 + 240)
    expectClose(window, alone.sliced(axis: 0, 0..<400), relative: 1e-4)
  }

  @Test func fewSamplesGiveOneFrame() {
    let transform = ConstantQ(sampleRate: 24_000)
    #expect(transform([]).scalars == [Float](repeating: 0, count: 336))
    #expect(transform([0.5]).shape == [1, 336])
  }

  @Test func logarithmicCompressionIsOfTheMagnitudes() {
    var config = ConstantQ.Config()
    config.compression = .logarithmic
    let signal = goldenSignal(seconds: 0.3, sampleRate: 24_000)
    let plain = ConstantQ(sampleRate: 24_000)(signal)
    let expected = ((plain * 10) + 1).log()
    expectClose(ConstantQ(config, sampleRate: 24_000)(signal), expected, relative: 1e-6)
  }

  @Test func threadsMayShareOneTransform() {
    let transform = ConstantQ(sampleRate: 24_000)
    let signal = goldenSignal(seconds: 0.5, sampleRate: 24_000)
    let expected = transform(signal).scalars
    let matches = (0..<8).map { _ in Flag() }
    Cores.forEach(8) { i in matches[i].value = transform(signal).scalars == expected }
    #expect(matches.allSatisfy { $0.value })
  }

  @Test func binsAboveTheNyquistFrequencyTrap() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = ConstantQ(sampleRate: 8000)
    }
    expectWords("ConstantQ: the highest bin", in: result)
  }
}

/// One Boolean, written by one thread.
private final class Flag: @unchecked Sendable {
  var value = false
}
