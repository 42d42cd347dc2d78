import Audio
import Evaluate
import Foundation
import Models
import Pretrain
import Tensor
import TestSupport
import Testing

@Suite struct CodecEvaluationTests {
  private let codec: Codec = {
    var config = Codec.Config.small24kHz
    (config.sampleRate, config.filters, config.strides) = (8000, 2, [2, 4])
    (config.quantizer.codebooks, config.quantizer.codes) = (2, 4)
    var generator = RandomStream(seed: 5, purpose: .initialisation)
    var codec = Codec(config, using: &generator)
    for i in 0..<2 {
      codec.quantizer.codebooks[i].vectors = .normal([4, 128], seed: UInt64(i)) * 0.1
    }
    return codec
  }()

  private func song(_ name: String, seconds: Double, in folder: TestFolder) throws -> String {
    let path = folder.path(name)
    let samples = tones(Int(seconds * 8000), sampleRate: 8000)
    try AudioFile.write(samples, sampleRate: 8000, encoding: .float32, to: path)
    return path
  }

  /// A file of 2.25 s in excerpts of a second is two seconds and the rest.
  @Test func aFileIsMeasuredExcerptByExcerpt() throws {
    let folder = try TestFolder()
    let path = try song("a.wav", seconds: 2.25, in: folder)
    var (evaluation, calls) = (CodecEvaluation(of: codec, excerptSeconds: 1), [[Int]]())
    try evaluation.add(path) { calls.append([$0, $1]) }
    var measurement = CodecMeasurement(of: codec)
    let samples = tones(18_000, sampleRate: 8000)
    for range in [0..<8000, 8000..<16_000, 16_000..<18_000] {
      try measurement.add(Array(samples[range]))
    }
    #expect(evaluation.measures == measurement.measures)
    #expect(calls == [[0, 3], [1, 3], [2, 3], [3, 3]])
    #expect(evaluation.files == [path])
  }

  @Test func aRestOfLessThanAFrameIsLeftOut() throws {
    let folder = try TestFolder()
    let path = try song("a.wav", seconds: 1.001, in: folder)
    var evaluation = CodecEvaluation(of: codec, excerptSeconds: 1)
    try evaluation.add(path)
    #expect(evaluation.measures.seconds == 1)
  }

  @Test func aDamagedFileChangesNothing() throws {
    let folder = try TestFolder()
    let path = try song("a.wav", seconds: 1, in: folder)
    let damaged = try folder.write("no music", to: "b.wav")
    var evaluation = CodecEvaluation(of: codec)
    try evaluation.add(path)
    let before = evaluation.measures
    #expect(throws: AudioError.self) { try evaluation.add(damaged) }
    #expect(evaluation.measures == before && evaluation.files == [path])
  }

  @Test func theReportIsWellFormedAndKeepsEveryNumber() throws {
    let measures = CodecMeasures(
      entries: 4, seconds: 61, frames: 4575,
      rows: [
        .init(
          codebooks: 1, kilobitsPerSecond: 0.15, entriesUsed: 3, perplexity: 2.5,
          bitrateEfficiency: 0.661, signalToDistortion: 4.126, logMelDistance: 0.5)
      ])
    let report = CodecReport(
      model: ReportPageTests.hostile, date: Date(timeIntervalSince1970: 0),
      machine: .init(cpu: "Imaginary", cores: 2, etudeVersion: "0", commit: "01295b8cf1a2d3e4"),
      commands: ["etude codes evaluate --out '<b>'"],
      files: [ReportPageTests.hostile], measures: measures)
    #expect(firstUnbalancedTag(in: report.html) == nil)
    #expect(!report.html.contains("<script"))
    #expect(report.html.contains("Etude 0, commit 01295b8cf1a2<"))
    #expect(report.html.contains("<code>etude codes evaluate --out &#39;&lt;b&gt;&#39;</code>"))
    let cells = ["3 (75.0\u{00A0}%)", "2.5", "66.1\u{00A0}%", "4.13\u{00A0}dB", "0.500"]
    for cell in cells { #expect(report.html.contains("<td>\(cell)</td>")) }
    for cell in cells { #expect(report.text.contains(cell)) }
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    #expect(try decoder.decode(CodecReport.self, from: report.json) == report)
  }

  /// The columns of the text are aligned at their right ends.
  @Test func linesOfTheTextAreOfOneLength() {
    var evaluation = CodecEvaluation(of: codec)
    #expect(throws: AudioError.self) { try evaluation.add("/nowhere.wav") }
    let lines = CodecReport(model: "m", evaluation).text.split(separator: "\n").dropFirst()
    #expect(lines.count == 3 && Set(lines.map(\.count)).count == 1)
  }
}
