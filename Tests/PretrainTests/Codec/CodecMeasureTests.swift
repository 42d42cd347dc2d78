import Foundation
import Pretrain
import Tensor
import TestSupport
import Testing

@Suite struct CodecMeasureTests {
  private func waveforms() throws -> (golden: [String: Tensor], x: Tensor, y: Tensor) {
    let golden = try golden("codec_losses")
    return (golden, try #require(golden["reconstruction"]), try #require(golden["original"]))
  }

  private func row(_ index: Int, of waveforms: Tensor) -> [Float] {
    waveforms.sliced(axis: 0, index..<index + 1).scalars
  }

  @Test func ratiosOfABatchEqualPyTorch() throws {
    let (golden, x, y) = try waveforms()
    let expected = try #require(golden["ratio"]).scalars
    let found = (0..<2).map { SignalToDistortion.ratio(row($0, of: x), row($0, of: y)) }
    for (a, b) in zip(found, expected) { #expect(abs(a - Double(b)) < 1e-4) }
    #expect(abs(SignalToDistortion.ratio(x, y) - (found[0] + found[1]) / 2) < 1e-9)
  }

  @Test func ratiosOfSegmentsEqualPyTorch() throws {
    let (golden, x, y) = try waveforms()
    let found = SignalToDistortion.ratios(row(0, of: x), row(0, of: y), segment: 500)
    expectClose(
      Tensor(found.map { Float($0) }), try #require(golden["ratio.segments"]), relative: 1e-5)
  }

  /// `x = a y + n` with `n` orthogonal to `y` and both without mean: `20 log10(a ‖y‖ / ‖n‖)`.
  @Test func theRatioIsThatOfOrthogonalNoise() {
    let y: [Float] = [1, -1, 1, -1], noise: [Float] = [1, 1, -1, -1]
    let x = zip(y, noise).map { 3 * $0 + 0.3 * $1 + 7 }
    #expect(abs(SignalToDistortion.ratio(x, y) - 20) < 1e-4)
    #expect(abs(SignalToDistortion.ratio(x.map { 0.5 * $0 }, y) - 20) < 1e-4)
  }

  @Test func silentSegmentsHaveNoRatio() {
    let y = [Float](repeating: 0, count: 300) + (0..<200).map { Float(sin(0.3 * Double($0))) }
    let x = y.map { 0.9 * $0 + 0.01 }
    // Segments begin at 0, 50, …, 400; the sound begins at 300.
    #expect(SignalToDistortion.ratios(x, y, segment: 100).count == 4)
    #expect(SignalToDistortion.ratios([], [], segment: 100).isEmpty)
    #expect(SignalToDistortion.ratios([1, 2, 4], [1, 2, 3], segment: 100).count == 1)
  }

  @Test func theLogMelDistanceEqualsPyTorch() throws {
    let (golden, x, y) = try waveforms()
    let expected = try #require(golden["logMel"]).scalar
    let distance = LogMelDistance(sampleRate: 24_000)
    #expect(abs(distance(x, y) - Double(expected)) < 1e-4 * Double(expected))
    #expect(distance.frames(1201) == 3)
  }

  /// The energy of 10 times the amplitude is 100 times as high.
  @Test func aGainIsItsLogarithm() {
    let y = Tensor.normal([2, 9000], seed: 3)
    let distance = LogMelDistance(sampleRate: 24_000)(y * 10, y)
    #expect(abs(distance - log(100)) < 1e-3)
  }

  @Test func efficiencyIsTheShareOfTheBits() {
    var statistics = CodebookStatistics(codebooks: 2, entries: 4)
    // The first codebook uses its four entries equally: 2 bits. The second uses two: 1 bit.
    statistics.add(Tensor([0, 0, 1, 3, 2, 0, 3, 3] as [Int32], shape: [4, 2]))
    #expect(statistics.codebooks[0].counts == [1, 1, 1, 1])
    #expect(statistics.codebooks[1].counts == [2, 0, 0, 2])
    #expect(abs(statistics.bitrateEfficiency - 0.75) < 1e-12)
    #expect(abs(statistics.efficiency(ofFirst: 1) - 1) < 1e-12)
    #expect(abs(statistics.codebooks[1].perplexity - 2) < 1e-12)
    #expect(statistics.codebooks[1].usage == 0.5)
  }

  @Test func measuresTrapOnSignalsThatDoNotFit() async {
    let ratio = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = SignalToDistortion.ratio([1, 2], [1])
    }
    expectWords("signals of one length, got 2 and 1 samples", in: ratio)
    let distance = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = LogMelDistance(sampleRate: 24_000)(.zeros([1, 5]), .zeros([1, 6]))
    }
    expectWords("LogMelDistance: needs two waveforms [B, L] of one shape", in: distance)
    let codes = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var statistics = CodebookStatistics(codebooks: 2, entries: 4)
      statistics.add(Tensor([0, 1, 2] as [Int32], shape: [1, 3]))
    }
    expectWords("CodebookStatistics: needs codes [N, 2], got shape [1, 3]", in: codes)
  }
}
