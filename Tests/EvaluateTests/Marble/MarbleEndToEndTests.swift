import Cluster
import Evaluate
import Files
import Foundation
import Tensor
import TestSupport
import Testing

/// All tasks on small data sets with the layout and the quirks of the published ones.
@Suite struct MarbleEndToEndTests {
  @Test func everyTaskHasItsScores() throws {
    let folder = try TestFolder()
    try MarbleSupport.writeAll(below: folder.url)
    let store = EmbeddingStore(folder.url.appendingPathComponent("store"))
    let marble = Marble(
      MarbleSupport.tasks, of: [try MarbleSupport.tiny()], root: folder.url,
      grid: MarbleSupport.grid, store: store)
    let results = try marble.run(commands: ["etude marble --out '<b>'"])
    #expect(
      results.outcomes.map(\.task) == [
        "MTT", "GS", "GTZAN", "GTZANBT", "EMO", "NSynthI", "NSynthP", "VocalSetT", "VocalSetS",
        "MTGGenre", "MTGInstrument", "MTGMood", "MTGTop50", "MUSDB18",
      ])
    for outcome in results.outcomes {
      #expect(outcome.values.allSatisfy { $0.score.isFinite }, "\(outcome.task)")
    }
    #expect(results.average(of: "tiny")?.isFinite == true)

    let scores = try JSONDecoder().decode(
      [String: [String: [String: Double]]].self, from: results.json())
    #expect(scores["tiny"]?["GS"]?.keys.sorted() == ["accuracy", "weightedKey"])
    #expect(scores["tiny"]?["MUSDB18"]?.count == 4)
    try results.write(to: folder.url)
    #expect(try folder.text(of: "report.json").contains(#""program""#))
    let page = try folder.text(of: "report.md")
    for words in [
      "MERT-v1-95M", "MARBLE v1, constrained track", "| tiny | GS |",
      "\n    etude marble --out '<b>'\n",
    ] {
      #expect(page.contains(words), "\(words)")
    }
    let html = try folder.text(of: "report.html")
    for words in [
      "<h1>MARBLE v1, constrained track</h1>", "Not measured here", "needs", "jazz.00054",
      "the 14 tasks", "<h3>MARBLE v1, constrained track</h3>", "<h3>MuQ paper</h3>",
      "<h3>MERT-v2 model card</h3>", #"</strong><span class="spoken">, the highest</span>"#,
      #"<small><span class="spoken">GS: </span>"#,
      "<code>etude marble --out &#39;&lt;b&gt;&#39;</code>",
    ] { #expect(html.contains(words) == (words != "needs"), "\(words)") }
    for outside in ["http://", "https://", "<script"] { #expect(!html.contains(outside)) }
  }

  /// Blocks that two ranks embed together, also of what an earlier start left, and tasks that they share.
  @Test func ranksScoreAsOneProcess() throws {
    let folder = try TestFolder()
    let root = folder.url
    try GTZANFixture.write(to: root)
    try GTZANRhythmFixture.write(to: root)
    try MTGJamendoFixture.write(below: root)
    func score(_ ranks: Int, in name: String) throws -> MarbleResults {
      try ThreadCommunicator.run(ranks: ranks, patience: .endless) { ranks in
        let results = try Marble(
          ["GTZAN", "GTZANBT", "MTGGenre", "MTGMood"].map { MarbleTask(named: $0)! },
          of: [try MarbleSupport.tiny(), try #require(Embedder(handMade: "log-mel"))],
          root: root, grid: MarbleSupport.grid,
          store: EmbeddingStore(root.appendingPathComponent(name)), among: ranks
        ).run()
        return try ranks.gather([results.json()]).allSatisfy { try $0 == results.json() }
          ? results : #require(nil, "ranks have other results")
      }[0]
    }
    let alone = try score(1, in: "alone")
    let together = try score(2, in: "together")
    #expect(try alone.json() == together.json())
    #expect(alone.outcomes.map(\.leftOut) == together.outcomes.map(\.leftOut))
    let blocks = { (name: String) in
      try FileManager.default.subpathsOfDirectory(atPath: folder.path(name)).filter {
        $0.hasSuffix(".safetensors")
      }
    }
    let all = try blocks("together")
    #expect(try all.count >= 6 && !blocks("alone").isEmpty)
    // A rank that was killed left a gap.
    for block in all where block.hasSuffix("block-00000.safetensors") {
      try FileManager.default.removeItem(atPath: folder.path("together/\(block)"))
    }
    #expect(try score(2, in: "together").json() == alone.json())
    #expect(try blocks("together").sorted() == all.sorted())
  }

  /// Half of a vector of theirs are deviations, which a single frame has not.
  @Test func handMadeFeaturesSeparateSources() throws {
    let folder = try TestFolder()
    try MUSDB18Fixture.write(below: folder.url)
    let results = try Marble(
      MarbleSupport.tasks.filter { $0.name == "MUSDB18" },
      of: [try #require(Embedder(handMade: "log-mel"))], root: folder.url,
      grid: ProbeGrid(rates: [1e-3], epochs: 2),
      store: EmbeddingStore(folder.url.appendingPathComponent("store"))
    ).run()
    #expect(results.outcomes.count == 1 && results.outcomes[0].values.allSatisfy(\.score.isFinite))
  }

  /// From what is kept after an epoch, or after the last update of the next.
  @Test(arguments: [1e9, 0])
  func separationGoesOnToTheSameBits(every: Double) throws {
    let folder = try TestFolder()
    try MUSDB18Fixture.write(below: folder.url)
    func separate(_ scores: String, watch: @escaping (_ epoch: Int) -> Void) throws -> Data {
      try Marble(
        MarbleSupport.tasks.filter { $0.name == "MUSDB18" },
        of: [try #require(Embedder(handMade: "log-mel"))], root: folder.url,
        grid: ProbeGrid(rates: [1e-3], epochs: 2),
        store: EmbeddingStore(folder.url.appending(path: "store")),
        scoresIn: folder.url.appending(path: scores), every: every
      ) { if case .epoch(_, _, let epoch, _) = $0 { watch(epoch) } }.run().json()
    }
    let whole = try separate("whole") { epoch in
      // When an epoch ends, before that is kept.
      try? FileManager.default.copyItem(
        atPath: folder.path("whole"), toPath: folder.path("killed-\(epoch)"))
    }
    var epochs: [Int] = []
    let resumed = try separate("killed-2") { epochs.append($0) }
    #expect(resumed == whole && epochs == [2])
  }

  /// The genres of the small GTZAN differ in pitch, which every spectrum shows.
  @Test func aProbeFindsWhatIsThere() throws {
    let folder = try TestFolder()
    try GTZANFixture.write(to: folder.url)
    let marble = Marble(
      [MarbleTask(named: "GTZAN")!], of: [try #require(Embedder(handMade: "log-mel"))],
      root: folder.url, grid: ProbeGrid(rates: [1e-3]),
      store: EmbeddingStore(folder.url.appendingPathComponent("store")))
    let outcome = try #require(try marble.run().outcomes.first)
    #expect(outcome.values[0].score > 0.8)
    #expect(outcome.counts == [.train: 9, .valid: 9, .test: 9])
    #expect(outcome.leftOut.map(\.item) == ["jazz.00054"])
  }

  @Test func aTaskWithoutDataIsLeftOut() throws {
    let folder = try TestFolder()
    try GTZANFixture.write(to: folder.url)
    let tasks = ["GTZAN", "GS"].map { MarbleTask(named: $0)! }
    let embedder = try #require(Embedder(handMade: "mfcc"))
    let store = EmbeddingStore(folder.url.appendingPathComponent("store"))
    let results = try Marble(
      tasks, of: [embedder], root: folder.url, grid: ProbeGrid(rates: [1e-3], epochs: 1),
      store: store
    ).run()
    #expect(results.missing.map(\.item) == ["GS"])
    #expect(results.average(of: "mfcc") == nil)
    let error = #expect(throws: MarbleError.self) {
      try Marble(tasks, of: [embedder], root: URL(filePath: "/nowhere"), store: store).run()
    }
    guard case .noTask("/nowhere", let omissions) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(omissions.map(\.item) == ["GTZAN", "GS"])
  }

  /// A folder without its audio, and one whose lists are not there.
  @Test func dataThatArePartlyThereAreLeftOut() throws {
    let folder = try TestFolder()
    try GTZANFixture.write(to: folder.url)
    for name in ["MTT", "musdb18"] {
      try AtomicFolder.make(folder.url.appendingPathComponent(name))
    }
    let results = try Marble(
      ["MTT", "GTZAN", "MUSDB18"].map { MarbleTask(named: $0)! },
      of: [try #require(Embedder(handMade: "mfcc"))], root: folder.url,
      grid: ProbeGrid(rates: [1e-3], epochs: 1),
      store: EmbeddingStore(folder.url.appendingPathComponent("store"))
    ).run()
    #expect(results.outcomes.map(\.task) == ["GTZAN"])
    #expect(results.missing.map(\.item) == ["MTT", "MUSDB18"])
    try results.write(to: folder.url)
    let page = try folder.text(of: "report.md")
    #expect(
      page.contains(
        "Instead of the choices of the protocol, those of --rates 0.001 --epochs 1 were tried."))
  }

  /// A song with a damaged stem, and ones that are too short for a mixture or for a model.
  @Test func songsThatCannotBeUsedAreLeftOut() throws {
    let folder = try TestFolder()
    try MUSDB18Fixture.write(below: folder.url)
    let music = folder.url.appendingPathComponent("musdb18")
    let bass = music.appendingPathComponent("test/Other - First/bass.wav")
    try Data(contentsOf: bass).prefix(20_000).write(to: bass)
    try writeTones(
      [FixtureTone(frequency: 440, gains: [0.1, 0.1])],
      to: music.appendingPathComponent("train/Band - First/mixture.wav"), seconds: 4,
      sampleRate: 6000)
    try writeTones(
      [FixtureTone(frequency: 440, gains: [0.1, 0.1])],
      to: music.appendingPathComponent("test/Other - Second/mixture.wav"), seconds: 0.3,
      sampleRate: 6000)
    let results = try Marble(
      MarbleSupport.tasks.filter { $0.name == "MUSDB18" },
      of: [try #require(Embedder(handMade: "log-mel"))], root: folder.url,
      grid: ProbeGrid(rates: [1e-3], epochs: 1),
      store: EmbeddingStore(folder.url.appendingPathComponent("store"))
    ).run()
    let outcome = try #require(results.outcomes.first)
    #expect(outcome.counts == [.train: 2, .valid: 3, .test: 1])
    #expect(
      outcome.leftOut.map(\.item).sorted() == ["Band - First", "Other - First", "Other - Second"])
    #expect(outcome.leftOut.contains { $0.reason.contains("bass.wav") })
  }

  /// Where no file of a part can be used, the first is named with the reason: no other command decodes them.
  @Test(
    arguments: [
      ("GTZAN", nil, "9 left out, the first blues.00006: "),
      ("GTZAN", FineTuning(.last(1)), "9 left out, the first blues.00006: "),
      ("GTZANBT", nil, "9 left out, the first blues.00006: "),
      ("MUSDB18", nil, "3 left out, the first Other - First: "),
    ] as [(String, FineTuning?, String)])
  func aPartThatCannotBeUsedIsNamed(task: String, tuning: FineTuning?, words: String) throws {
    let folder = try TestFolder()
    try GTZANRhythmFixture.write(to: folder.url)
    try MUSDB18Fixture.write(below: folder.url)
    for genre in ["blues", "jazz", "rock"] {
      for number in 6..<9 {
        try folder.write("no audio", to: "GTZAN/genres/\(genre)/\(genre).0000\(number).wav")
      }
    }
    for song in MUSDB18Fixture.songs["test"]! {
      try folder.write("no audio", to: "musdb18/test/\(song)/mixture.wav")
    }
    let results = try Marble(
      [MarbleTask(named: task)!], of: [try MarbleSupport.tiny()], root: folder.url,
      setting: MarbleSetting(fineTuning: tuning), grid: ProbeGrid(rates: [1e-3], epochs: 1),
      store: EmbeddingStore(folder.url.appendingPathComponent("store"))
    ).run()
    #expect(results.failed.map(\.item) == ["\(task), tiny"])
    let reason = try #require(results.failed.first?.reason)
    #expect(reason.contains("no item of the test part can be used (\(words)"), "\(reason)")
  }

  /// From a part of one class nothing can be learned, and nothing is told apart in it.
  @Test(arguments: ["train", "valid", "test"])
  func aPartOfOneClassIsNamed(part: String) throws {
    let folder = try TestFolder()
    let table = try LabelTableFixture.write(below: folder.url, seconds: 0.1)
    let rows = try folder.text(of: "own/labels.csv").split(separator: "\n").map(String.init)
    let alike = rows.map {
      $0.hasSuffix(",\(part)") ? $0.replacing(",low,", with: ",high,") : $0
    }
    try folder.write(alike.joined(separator: "\n"), to: "own/labels.csv")
    let embedder = try #require(Embedder(handMade: "mfcc"))
    expectError("all items of the \(part) part are of the class 'high'") {
      _ = try Marble(
        [MarbleTask(labels: table)], of: [embedder], root: folder.url,
        store: EmbeddingStore(folder.url.appendingPathComponent("store"))
      ).run()
    }
  }

  /// The halves of a file, one of them by a link: what is drawn for intervals are files.
  @Test func aFileOfTwoPathsIsOne() throws {
    let folder = try TestFolder()
    let table = try LabelTableFixture.write(below: folder.url)
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("own/link"), withDestinationPath: "audio")
    let rows = try folder.text(of: "own/labels.csv").split(separator: "\n").map(String.init)
    let halves = rows.dropFirst().flatMap { row in
      ["\(row),0,1.5", "\(row.replacing("audio/", with: "link/")),1.5,3"]
    }
    try folder.write(
      (["\(rows[0]),start,end"] + halves).joined(separator: "\n"), to: "own/labels.csv")
    let results = try Marble(
      [MarbleTask(labels: table)], of: [try #require(Embedder(handMade: "log-mel"))],
      root: folder.url, grid: ProbeGrid(rates: [1e-3], epochs: 1),
      store: EmbeddingStore(folder.url.appendingPathComponent("store"))
    ).run()
    let outcome = try #require(results.outcomes.first)
    #expect(outcome.counts[.test] == 8 && outcome.values[0].pseudoValues?.count == 4)
  }

  /// Each regression does what it can of the same embeddings; the other tasks are named.
  @Test(arguments: [
    (ProbeKind.logistic, ["MTT", "GTZAN"], ["EMO", "GTZANBT"]),
    (.ridge, ["EMO"], ["MTT", "GTZAN", "GTZANBT"]),
  ])
  func regressionsAreProbes(kind: ProbeKind, scored: [String], leftOut: [String]) throws {
    let folder = try TestFolder()
    try MagnaTagATuneFixture.write(to: folder.url)
    try GTZANFixture.write(to: folder.url)
    try GTZANRhythmFixture.write(to: folder.url)
    try EmoMusicFixture.write(below: folder.url)
    let results = try Marble(
      ["MTT", "GTZAN", "EMO", "GTZANBT"].map { MarbleTask(named: $0)! },
      of: [try #require(Embedder(handMade: "log-mel"))], root: folder.url,
      setting: MarbleSetting(probe: kind),
      store: EmbeddingStore(folder.url.appendingPathComponent("store"))
    ).run()
    #expect(results.outcomes.map(\.task) == scored)
    #expect(results.missing.map(\.item) == leftOut)
    for outcome in results.outcomes {
      #expect(outcome.values.allSatisfy { $0.score.isFinite }, "\(outcome.task)")
      #expect(outcome.choice.penalty != nil)
      if outcome.task == "GTZAN" { #expect(outcome.values[0].score > 0.8) }
    }
    let scores = try JSONDecoder().decode(
      [String: [String: [String: Double]]].self, from: results.json())
    #expect(scores["log-mel"]?.keys.sorted() == scored.map { "\($0) v1 \(kind.rawValue)" }.sorted())
    try results.write(to: folder.url)
    let page = try folder.text(of: "report.md")
    #expect(page.contains("# MARBLE v1, semi-constrained track: \(kind.name)"))
    #expect(!page.contains("MERT-v1-95M"))
    let html = try folder.text(of: "report.html")
    #expect(html.contains("No published scores of this setting are known."))
    for omission in leftOut { #expect(html.contains("<li>\(omission) is left out: ")) }
  }

  /// Each under its own heading, with the columns that it has; MERT-v2's card has no NSynth.
  @Test func publishedTablesStandApart() throws {
    let folder = try TestFolder()
    try NSynthFixture.write(below: folder.url)
    let results = try Marble(
      [try #require(MarbleTask(named: "NSynthP"))],
      of: [try #require(Embedder(handMade: "log-mel"))], root: folder.url,
      grid: ProbeGrid(rates: [1e-3], epochs: 1),
      store: EmbeddingStore(folder.url.appendingPathComponent("store"))
    ).run()
    let page = results.markdown
    for words in [
      "## Published: MARBLE v1, constrained track", "| MERT-v1-95M | 92.6 | 63.3 |",
      "## Published: MuQ paper", "| MERT-330M | 94.4 | 74.4 |",
    ] { #expect(page.contains(words), "\(words)") }
    #expect(!page.contains("MERT-v2") && !results.html.contains("MERT-v2"))
    #expect(results.html.contains("<h3>MuQ paper</h3>"))
  }

  /// At a rate at which every probe diverges, emotion has no score; accuracy is always a number.
  @Test func aTaskWithoutAScoreTakesNoOtherAlong() throws {
    let folder = try TestFolder()
    try GTZANFixture.write(to: folder.url)
    try EmoMusicFixture.write(below: folder.url)
    let results = try Marble(
      ["EMO", "GTZAN"].map { MarbleTask(named: $0)! },
      of: [try #require(Embedder(handMade: "cqt-chroma"))], root: folder.url,
      grid: ProbeGrid(rates: [1e30], epochs: 2),
      store: EmbeddingStore(folder.url.appendingPathComponent("store"))
    ).run()
    #expect(results.failed.map(\.item) == ["EMO, cqt-chroma"])
    #expect(results.outcomes.map(\.task) == ["GTZAN"])
  }

  /// Same seed, same scores.
  @Test func scoresDoNotDependOnThreads() throws {
    let folder = try TestFolder()
    try EmoMusicFixture.write(below: folder.url)
    func scores() throws -> Data {
      let store = EmbeddingStore(folder.url.appendingPathComponent(UUID().uuidString))
      return try Marble(
        [MarbleTask(named: "EMO")!], of: [try MarbleSupport.tiny()], root: folder.url,
        grid: MarbleSupport.grid, store: store
      ).run().json()
    }
    #expect(try scores() == Cores.alone { try scores() })
  }
}
