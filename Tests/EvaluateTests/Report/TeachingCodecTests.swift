import Audio
import Evaluate
import Foundation
import Models
import Optimisation
import Pretrain
import TestSupport
import Testing
import Train

/// What a comparison shows of the codecs that gave labels.
@Suite struct TeachingCodecTests {
  private static let measures = CodecMeasures(
    entries: 8, seconds: 10, frames: 750,
    rows: [
      .init(
        codebooks: 1, kilobitsPerSecond: 0.75, entriesUsed: 7, perplexity: 5.5,
        bitrateEfficiency: 0.8, signalToDistortion: -1.25, logMelDistance: 0.8)
    ])

  private static let codec = TeachingCodec(
    name: "nano-24khz", measures: measures,
    sounds: .init(
      folder: "sounds/nano-24khz of 100 % #1",
      samples: CodecSamples(
        sampleRate: 24_000,
        excerpts: [
          .init(
            source: ReportPageTests.hostile, start: 1.25, original: "excerpt-1-original.flac",
            reconstructions: [.init(codebooks: 8, file: "excerpt-1-codebooks-8.flac")])
        ]), pictures: ["excerpt-1-original.flac": "<svg/>"]))

  @Test func aCodecStandsOnceWithAllThatItTaught() throws {
    var report = ReportSample.report
    for place in [0, 2] { report.runs[place].codecs = [Self.codec] }
    let page = report.html
    let title = "nano-24khz, whose codes \(report.runs[0].name) and \(report.runs[2].name) learned"
    #expect(page.ranges(of: title).count == 1)
    #expect(firstUnbalancedTag(in: page) == nil && !page.contains("<script"))
    #expect(
      page.contains(#"src="sounds/nano-24khz%20of%20100%20%25%20%231/excerpt-1-original.flac""#))
    #expect(page.contains("<td>−1.25\u{00A0}dB</td>"))
    #expect(report.markdown.contains("| 1 | 0.750 | 7 (87.5\u{00A0}%) | 5.5 |"))
    #expect(try ComparisonReport(json: report.json) == report)

    report.runs[2].codecs![0].measures.seconds = 20
    #expect(report.html.ranges(of: "whose codes").count == 2, "another one of the same name")
  }

  @Test func withoutACodecThereIsNoSection() {
    #expect(!ReportSample.report.html.contains("id=\"codecs\""))
    #expect(!ReportSample.report.markdown.contains("codecs keep"))
  }

  /// One that is trained in a second.
  private static var codecRecipe: CodecRecipe {
    var recipe = CodecRecipe()
    recipe.name = "tiny-codec"
    (recipe.codec.sampleRate, recipe.codec.filters, recipe.codec.strides) = (
      24_000, 2, [2, 4, 5, 8]
    )
    (recipe.codec.width, recipe.codec.kernel, recipe.codec.lastKernel) = (6, 5, 5)
    recipe.codec.lstmLayers = 0
    (recipe.codec.quantizer.codebooks, recipe.codec.quantizer.codes) = (2, 8)
    recipe.data.cropSeconds = 0.2
    recipe.schedule.warmupSteps = 0
    (recipe.training.steps, recipe.training.batchSize) = (2, 2)
    return recipe
  }

  /// In a comparison that trains it, and in another of the run that it taught.
  @Test func theSoundsOfAStageAreBesideTheReport() throws {
    try withFolder { folder in
      let corpus = try Tiny.corpus(folder.appending(path: "corpus"))
      var student = Tiny.recipe("student")
      var codes = Recipe.QuantizerCodes()
      (codes.codebooks, codes.codes, codes.codec) = (2, 8, Recipe.CodecSource())
      codes.codec!.recipe = Self.codecRecipe
      (student.teacher.kmeans, student.teacher.rvq) = ([], codes)
      var other = student
      (other.name, other.training.batchSize) = ("other", 3)

      func compare(_ contenders: [Contender], in out: URL) throws -> ComparisonReport {
        try Comparison(
          contenders, data: corpus, probeData: .folder(corpus), probes: Tiny.probes, folder: out
        ).run(commands: []).report
      }
      let out = folder.appending(path: "out")
      let report = try compare([.recipe(student), .recipe(other)], in: out)
      let codec = try #require(report.runs[0].codecs?.first)
      #expect(codec.name == "tiny-codec" && codec.measures.rows.count == 2)
      #expect(report.runs[1].codecs == [codec])
      try expectSounds(codec, below: out, folder: "sounds/tiny-codec")

      let elsewhere = folder.appending(path: "elsewhere")
      let run = folder.appending(path: "a run")
      try TrainingJob(student, data: Manifest.open(corpus), scratch: folder) { _ in }
        .train(in: run, labels: run.labels)
      let second = try compare([.run(FinishedRun(run.path))], in: elsewhere)
      try expectSounds(
        #require(second.runs[0].codecs?.first), below: elsewhere,
        folder: "sounds/tiny-codec of a run")
    }
  }

  private func expectSounds(_ codec: TeachingCodec, below out: URL, folder: String) throws {
    let sounds = try #require(codec.sounds)
    #expect(sounds.folder == folder && sounds.samples.excerpts.count == 2)
    for excerpt in sounds.samples.excerpts {
      #expect(!excerpt.reconstructions.isEmpty)
      for file in [excerpt.original] + excerpt.reconstructions.map(\.file) {
        let path = out.appending(path: folder).appending(path: file).path
        #expect(try AudioFile.decode(path, sampleRate: 24_000).count == 5 * 24_000)
        #expect(sounds.pictures[file]?.contains("<svg") == true)
      }
    }
  }
}
