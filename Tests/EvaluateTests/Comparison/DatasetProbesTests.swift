import Audio
import Evaluate
import Foundation
import TestSupport
import Testing

/// Models compared on MARBLE's data sets and on tables of labels.
@Suite struct DatasetProbesTests {
  private func report(
    in folder: TestFolder, on music: String, tasks: [MarbleTask]? = nil,
    watch: @escaping (Comparison.Event) -> Void = { _ in }
  ) throws -> ComparisonReport {
    let corpus = try Tiny.corpus(folder.url.appending(path: "corpus"))
    return try Comparison(
      [.recipe(Tiny.recipe())], data: corpus,
      probeData: ProbeData(at: folder.url.appending(path: music).path, tasks: tasks),
      probes: Tiny.probes, folder: folder.url.appending(path: "out"), watch: watch
    ).run(commands: []).report
  }

  @Test func tasksOfMARBLEAreRowsLikeOthers() throws {
    let folder = try TestFolder()
    let root = folder.url.appending(path: "marble")
    try GTZANFixture.write(to: root)
    try EmoMusicFixture.write(below: root)
    var told: ProbedMusic?
    let report = try report(in: folder, on: "marble") {
      if case .probes(let music, _) = $0 { told = music }
    }
    #expect(told?.tasks == ["GTZAN", "EMO"] && told?.parts == .fixed && told?.heard == ["tiny": 0])
    #expect(told?.skipped.contains { $0.path == "MUSDB18" } == true)
    #expect(
      report.probes.filter { $0.kind == .pretrained }.map(\.task) == [
        "GTZAN", "EMO", "EMO, R² valence",
      ])
    for probe in report.probes {
      #expect(probe.scores.count == 3 && probe.seeds == [1, 2, 3])
    }
    let genre = try #require(report.probes.first { $0.model == "log-mel" && $0.task == "GTZAN" })
    #expect(genre.interval.mean > 0.8 && genre.chance == 1.0 / 3)
    #expect(genre.items?.worths.count == 3 && genre.items?.pieces.count == 9)
    for words in ["MARBLE's constrained track", "No model was trained on any of them", "files of"] {
      #expect(report.markdown.contains(words), "\(words)")
    }
    // What was written is what is read again, metrics of numbers included.
    let data = try JSONEncoder().encode(report.probes.filter { $0.task != "GTZAN" })
    #expect(
      try JSONDecoder().decode([ProbeResult].self, from: data).map(\.metric.rawValue).contains(
        "r2Arousal"))
  }

  @Test func chosenTasksAlone() throws {
    let folder = try TestFolder()
    let root = folder.url.appending(path: "marble")
    try GTZANFixture.write(to: root)
    try EmoMusicFixture.write(below: root)
    let report = try report(in: folder, on: "marble", tasks: [MarbleTask(named: "EMO")!])
    #expect(report.probed?.tasks == ["EMO"])
  }

  /// Also a table whose files are those that the model is trained on, which the report says. A file of two spellings
  /// counts once.
  @Test func aTableOfLabels() throws {
    let folder = try TestFolder()
    var table = "path,label,split,start,end\ncorpus/../corpus/piece-0000.wav,a,train,0,1\n"
    for piece in 0..<12 {
      let part = ["train", "valid", "test"][piece % 3]
      let name = "corpus/piece-00\(piece < 10 ? "0" : "")\(piece).wav"
      table += "\(name),\(piece % 2 == 0 ? "a" : "b"),\(part),,\n"
    }
    try Data(table.utf8).write(to: folder.url.appending(path: "moods.csv"))
    _ = try Tiny.corpus(folder.url.appending(path: "corpus"))
    let report = try report(in: folder, on: "moods.csv")
    #expect(report.probed?.tasks == ["moods"] && report.probed?.heard == ["tiny": 12])
    #expect(report.probed?.pieces == 12)
    #expect(report.markdown.contains("Trained on the files that they are probed on (12 of them"))
  }

  /// It is found out when it is heard, after the first lines about the music.
  @Test func whatCannotBeUsedIsInTheReport() throws {
    let folder = try TestFolder()
    let corpus = folder.url.appending(path: "corpus")
    _ = try Tiny.corpus(corpus)
    try Data("no sound".utf8).write(to: folder.url.appending(path: "noise.wav"))
    var table = "path,label,split\nnoise.wav,a,test\n"
    for piece in 0..<12 {
      let name = "corpus/piece-00\(piece < 10 ? "0" : "")\(piece).wav"
      table +=
        "\(name),\(piece / 3 % 2 == 0 ? "a" : "b"),\(["train", "valid", "test"][piece % 3])\n"
    }
    try Data(table.utf8).write(to: folder.url.appending(path: "moods.csv"))
    let report = try report(in: folder, on: "moods.csv")
    let left = try #require(report.probed?.skipped)
    #expect(left.count == 1 && left[0].path.hasPrefix("moods, ") && left[0].path.contains("noise"))
    #expect(!left[0].reason.contains("(for "), "of all models: \(left)")
    #expect(report.markdown.contains("noise.wav"))
    #expect(try ComparisonReport(json: report.json) == report)
  }

  @Test func whatCannotBeProbedOnIsNamed() throws {
    let folder = try TestFolder()
    try FileManager.default.createDirectory(
      at: folder.url.appending(path: "empty"), withIntermediateDirectories: true)
    let cases = [
      ("empty", "holds neither labels.jsonl nor a data set of MARBLE"), ("none", "no such file"),
    ]
    for (name, words) in cases {
      let path = folder.url.appending(path: name).path
      let error = #expect(throws: ComparisonError.self) { try ProbeData(at: path, tasks: nil) }
      #expect(error?.description.contains(words) == true)
      #expect(error?.description.hasPrefix("--probe-data \(path)") == true)
    }
    let corpus = try Tiny.corpus(folder.url.appending(path: "corpus"))
    let error = #expect(throws: ComparisonError.self) {
      try ProbeData(at: corpus, tasks: [MarbleTask(named: "GS")!])
    }
    #expect(error?.description.contains("has no tasks to choose from") == true)
    let root = folder.url.appending(path: "stems")
    try MUSDB18Fixture.write(below: root)
    #expect(throws: MarbleError.self) { try self.report(in: folder, on: "stems") }
  }
}
