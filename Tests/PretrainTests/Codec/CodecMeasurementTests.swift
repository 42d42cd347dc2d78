import Foundation
import Models
import Pretrain
import Tensor
import TestSupport
import Testing

@Suite struct CodecMeasurementTests {
  private let long = tones(9000, sampleRate: 8000)
  private let short = Array(tones(5000, sampleRate: 8000).reversed())

  private func measures(_ excerpts: [[Float]], decoding: [Int]? = nil) throws -> CodecMeasures {
    var measurement = CodecMeasurement(of: tinyCodec(), decoding: decoding)
    for excerpt in excerpts { try measurement.add(excerpt) }
    return measurement.measures
  }

  @Test func ratesAndLengthsAreThoseOfTheCodec() throws {
    let measures = try measures([long, short])
    #expect(measures.entries == 8 && measures.frames == 1125 + 625 && measures.seconds == 1.75)
    // 1000 frames a second, 3 bits a code.
    #expect(measures.rows.map(\.kilobitsPerSecond) == [3, 6, 9])
    #expect(measures.rows.map(\.codebooks) == [1, 2, 3])
  }

  @Test func usageIsThatOfAllCodesTogether() throws {
    let codec = tinyCodec()
    let codes = try [long, short].map { try codec.codes(of: $0, codebooks: 3).codes }
    let all = Tensor.concatenated(codes, axis: 1).integers
    for (q, row) in try measures([long, short]).rows.enumerated() {
      let counted = CodeStatistics(codes: Array(all[q * 1750..<(q + 1) * 1750]), clusters: 8)
      #expect(row.entriesUsed == counted.used && row.entriesUsed > 1)
      #expect(abs(row.perplexity - counted.perplexity) < 1e-9)
    }
  }

  @Test func distancesAreMeansOverSegmentsAndFrames() throws {
    let codec = tinyCodec()
    let distance = LogMelDistance(sampleRate: 8000)
    for q in 1...3 {
      var (ratios, sum, frames) = ([Double](), 0.0, 0.0)
      for x in [long, short] {
        let y = try codec.samples(of: codec.codes(of: x, codebooks: q))
        ratios += SignalToDistortion.ratios(y, x, segment: 40_000)
        let count = Double(distance.frames(x.count))
        sum += count * distance(Tensor(y, shape: [1, y.count]), Tensor(x, shape: [1, x.count]))
        frames += count
      }
      let row = try measures([long, short]).rows[q - 1]
      let ratio = try #require(row.signalToDistortion)
      #expect(abs(ratio - ratios.reduce(0, +) / 2) < 1e-6)
      #expect(abs(try #require(row.logMelDistance) - sum / frames) < 1e-6)
    }
  }

  @Test func onlyTheChosenNumbersOfCodebooksAreDecoded() throws {
    let rows = try measures([short], decoding: [1, 3]).rows
    #expect(rows.map { $0.logMelDistance != nil } == [true, false, true])
    #expect(rows[1].entriesUsed > 0)
  }

  @Test func silenceHasNoRatio() throws {
    let row = try measures([[Float](repeating: 0, count: 800)]).rows[0]
    #expect(row.signalToDistortion == nil && row.logMelDistance != nil)
  }

  @Test func channelsAreMeasuredEachByItself() throws {
    var measurement = CodecMeasurement(of: tinyCodec(channels: 2), decoding: [2])
    let stereo = zip(long, short).flatMap { [$0, $1] }
    let y = try #require(try measurement.add(stereo)[2])
    let ratios = (0..<2).map { channel in
      SignalToDistortion.ratio(
        stride(from: channel, to: y.count, by: 2).map { y[$0] }
          + [Float](repeating: 0, count: 35_000),
        (channel == 0 ? Array(long[..<5000]) : short) + [Float](repeating: 0, count: 35_000))
    }
    let found = try #require(measurement.measures.rows[1].signalToDistortion)
    #expect(abs(found - (ratios[0] + ratios[1]) / 2) < 1e-6)
  }

  @Test func nothingMeasuredIsNothingUsed() throws {
    let measures = try measures([])
    #expect(measures.frames == 0 && measures.rows.allSatisfy { $0.entriesUsed == 0 })
  }
}
