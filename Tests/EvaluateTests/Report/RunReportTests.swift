import Audio
import Evaluate
import Foundation
import Models
import Pretrain
import Tensor
import TestSupport
import Testing
import Train
import YAML

@Suite struct RunReportTests {
  private static let hostile = ReportPageTests.hostile

  private static func measures(_ efficiency: Double) -> CodecMeasures {
    CodecMeasures(
      entries: 1024, seconds: 80, frames: 6000,
      rows: [
        .init(
          codebooks: 1, kilobitsPerSecond: 0.75, entriesUsed: 1000, perplexity: 812.4,
          bitrateEfficiency: 0.96, signalToDistortion: -1.25, logMelDistance: 0.8),
        .init(
          codebooks: 2, kilobitsPerSecond: 1.5, entriesUsed: 512, perplexity: 99.95,
          bitrateEfficiency: efficiency, signalToDistortion: nil, logMelDistance: nil),
      ])
  }

  private static var report: RunReport {
    var report = RunReport(run: ReportSample.run("codec"), work: [])
    report.checkpoints = [20, 40].map {
      .init(step: $0, measures: measures(0.9 + Double($0) / 1000))
    }
    report.sounds = .init(
      folder: "samples/step-40",
      samples: CodecSamples(
        sampleRate: 24_000,
        excerpts: [
          .init(
            source: hostile, start: 12.34, original: "excerpt-1-original.flac",
            reconstructions: [
              .init(codebooks: 1, file: "excerpt-1-codebooks-1.flac"),
              .init(codebooks: 2, file: "excerpt-1-codebooks-2.flac"),
            ])
        ]), pictures: ["excerpt-1-original.flac": "<svg/>"])
    return report
  }

  @Test func thePageIsWellFormedAndHostileTextStaysText() {
    let page = Self.report.html
    #expect(firstUnbalancedTag(in: page) == nil)
    #expect(!page.contains("<script") && page.contains("&lt;script&gt;"))
  }

  @Test func everySoundHasAPlayerWithARelativeAddress() {
    let page = Self.report.html
    for name in ["original", "codebooks-1", "codebooks-2"] {
      #expect(page.contains("src=\"samples/step-40/excerpt-1-\(name).flac\""))
    }
    for title in ["original", "1 codebook", "2 codebooks"] {
      #expect(page.contains("from 12.3 s, \(title)\" src="))
    }
    for word in ["http:", "https:", "file:", "src=\"/", "url("] { #expect(!page.contains(word)) }
    #expect(page.contains("data:image/svg+xml;base64,\(Data("<svg/>".utf8).base64EncodedString())"))
  }

  @Test func theTableIsThatOfTheLatestStep() {
    let page = Self.report.html
    #expect(page.contains("after 40 steps"))
    #expect(page.contains("<td>1\u{00A0}000 (97.7\u{00A0}%)</td>"))
    #expect(page.contains("<td>94.0\u{00A0}%</td>") && !page.contains("<td>92.0\u{00A0}%</td>"))
    #expect(page.contains("<td>−1.25\u{00A0}dB</td>") && page.contains("<td>812</td>"))
    #expect(page.contains("<td>–</td>"))
  }

  @Test func coursesAreDrawnOverTheSteps() {
    var report = Self.report
    #expect(report.html.contains("bitrate efficiency: from 0.920 to 0.940 over 40 steps"))
    report.checkpoints.removeFirst()
    #expect(!report.html.contains("bitrate efficiency: from"))
  }

  @Test func aRunWithoutSoundsHasLossesAndSettings() {
    let page = RunReport(run: ReportSample.run("mert-nano"), work: []).html
    #expect(firstUnbalancedTag(in: page) == nil)
    #expect(page.contains("How the losses went") && page.contains("settings of the run"))
    #expect(!page.contains("<audio") && !page.contains("How well it reconstructs"))
  }

  @Test func aCollapseIsSaidAtTheTop() {
    var run = ReportSample.run("music2vec-nano")
    run.trainings = [
      .init(seed: 1, steps: 1213, seconds: 60, stopped: "<the targets>", ending: .collapsed)
    ]
    let page = RunReport(run: run, work: []).html
    #expect(
      page.contains("<strong>collapsed at step 1\u{00A0}213</strong>: &lt;the targets&gt;."))
    run.trainings[0].stopped = nil
    #expect(!RunReport(run: run, work: []).html.contains("<strong>collapsed"))
  }

  // MARK: - A folder

  /// What a run writes, without its training.
  private func write(_ run: URL, samplesOf steps: [Int]) throws {
    var recipe = Recipe()
    recipe.name = "told-by-folder"
    recipe.objective.cqt = .init()
    try Data(RecipeFile.yaml(of: recipe).utf8).write(to: run.recipeFile)
    try Data(
      #"""
      {"data": "music", "files": 2, "seconds": 90, "skipped": [], "parameters": 1234, "work": [{
      "date": "2026-11-30T12:00:00Z", "step": 0, "seed": 7, "etude": "0.1.0", "host": "here",
      "command": ["etude", "pretrain", "a <b>.yaml"], "commit": "01295b8cf1a2d3e4",
      "cpu": "Imaginary", "threads": 2, "precision": "fp32"}]}
      """#.utf8
    ).write(to: run.appendingPathComponent("run.json"))
    let log = try RunLog(run.logFile)
    for step in [10, 20] { try log.write(StepRecord(step: step, loss: 1 / Float(step))) }
    var config = Codec.Config.small24kHz
    (config.sampleRate, config.filters, config.strides) = (4000, 2, [2, 4])
    config.quantizer.codebooks = 2
    config.quantizer.codes = 4
    var generator = RandomStream(seed: 5, purpose: .initialisation)
    let codec = Codec(config, using: &generator)
    for step in steps {
      try CodecSamples.write(of: codec, audio: OneFile(), seed: 1, to: run.samples(of: step))
    }
  }

  private struct OneFile: AudioSource {
    let signal = tones(5000, sampleRate: 4000)
    var sampleRate: Int { 4000 }
    var skipped: [Manifest.Skipped] { [] }
    var files: [Manifest.Entry] { [.init(path: "one.wav", samples: signal.count)] }
    func crop(file: Int, start: Int, into buffer: UnsafeMutableBufferPointer<Float>) {
      _ = buffer.update(from: signal[start..<start + buffer.count])
    }
  }

  @Test func aFolderIsReadAsItWasWritten() throws {
    try withTemporaryFolder { run in
      try write(run, samplesOf: [9, 10])
      let report = try RunReport(of: run)
      #expect(report.run.name == "told-by-folder" && report.run.steps == 20)
      #expect(report.run.parameters == 1234 && report.run.log.count == 2)
      #expect(report.run.recipe.contains { $0.path == "mask.spanFrames" })
      #expect(report.checkpoints.map(\.step) == [9, 10])
      let sounds = try #require(report.sounds)
      #expect(sounds.folder == "samples/step-10" && sounds.pictures.count == 4 * 3)
      let svg = try #require(sounds.pictures["excerpt-1-original.flac"])
      #expect(try ReadPicture(svg).images()[0].height == 128)
      let page = try RunReport.write(of: run)
      #expect(page.lastPathComponent == "report.html")
      #expect(try String(contentsOf: page, encoding: .utf8) == report.html)
      #expect(report.html.contains("2 threads · Etude 0.1.0, commit 01295b8cf1a2 ·"))
      #expect(report.html.contains("<code>etude pretrain &#39;a &lt;b&gt;.yaml&#39;</code>"))
      #expect(firstUnbalancedTag(in: report.html) == nil)
    }
  }

  @Test func everyFileThatThePageNamesIsThere() throws {
    try withTemporaryFolder { run in
      try write(run, samplesOf: [10])
      let page = try RunReport(of: run).html
      let names = page.matches(of: /<audio [^>]*src="([^"]+)"/).map { String($0.1) }
      #expect(names.count == 12)
      for name in names {
        #expect(FileManager.default.fileExists(atPath: run.appendingPathComponent(name).path))
      }
    }
  }

  @Test func damagedMeasuresAreNamed() throws {
    try withTemporaryFolder { run in
      try write(run, samplesOf: [10])
      let measures = run.samples(of: 10).appendingPathComponent("measures.json")
      try Data("{".utf8).write(to: measures)
      #expect(throws: RunReportError.samples(path: measures.path)) { try RunReport(of: run) }
    }
  }

  @Test func aFolderWithoutARunIsNamed() throws {
    let folder = try TestFolder()
    #expect(
      complaint { _ = try RunReport(of: folder.url) }
        == "\(folder.url.path): holds no run; name the folder of a run")
    let absent = folder.url.appendingPathComponent("absent")
    #expect(
      complaint { _ = try RunReport(of: absent) }
        == "\(absent.path): no such folder; check the path")
  }
}
