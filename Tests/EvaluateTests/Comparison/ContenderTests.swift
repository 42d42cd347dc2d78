import Audio
import Evaluate
import Foundation
import TestSupport
import Testing
import Train

/// Recipes are trained; runs and models are compared as they are.
@Suite struct ContenderTests {
  private func compare(
    _ contenders: [Contender], in folder: URL, data: String? = nil, seeds: [Int] = [],
    watch: @escaping (Comparison.Event) -> Void = { _ in }
  ) throws -> Comparison.Outcome {
    try Comparison(
      contenders, seeds: seeds, data: data,
      probeData: .folder(folder.appending(path: "corpus").path), probes: Tiny.probes,
      folder: folder.appending(path: "out"), watch: watch
    ).run(commands: [])
  }

  /// A run of the tiny recipe under a name that is not its own.
  private func run(
    _ name: String, in folder: URL, steps: Int = 3, seed: Int = 0
  ) throws -> String {
    let corpus = folder.appending(path: "corpus")
    if !FileManager.default.fileExists(atPath: corpus.path) { _ = try Tiny.corpus(corpus) }
    let run = folder.appending(path: name)
    var recipe = Tiny.recipe()
    recipe.seed = seed
    try TrainingJob(recipe, data: Manifest.open(corpus.path), scratch: folder) { _ in }
      .train(in: run, labels: run.labels, until: steps)
    return run.path
  }

  @Test func finishedRunsAreNeverTrainedAgain() throws {
    try withFolder { folder in
      let paths = [try run("exp7", in: folder), try run("exp8", in: folder)]
      let logs = try paths.map { try Data(contentsOf: URL(filePath: $0).logFile) }
      var runs: [String] = []
      let report = try compare(paths.map { try Contender(at: $0) }, in: folder) {
        if case .run(let name) = $0 { runs.append(name) }
      }.report
      #expect(runs.isEmpty)
      #expect(report.runs.map(\.name) == ["exp7", "exp8"])
      #expect(report.runs.map(\.steps) == [3, 3])
      #expect(report.probes.filter { $0.kind == .pretrained }.map(\.model).contains("exp8"))
      #expect(try paths.map { try Data(contentsOf: URL(filePath: $0).logFile) } == logs)
      let made = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/out")
      #expect(
        made.sorted() == [
          ".lock", "probes", "report.csv", "report.html", "report.json", "report.md",
          "report.tex",
        ])
    }
  }

  /// Three runs of one recipe that differ in their seeds are one row, like a recipe that was trained with three.
  @Test func runsOfOneRecipeAreOneRow() throws {
    try withFolder { folder in
      let paths = try (1...3).map { try run("exp\($0)", in: folder, seed: $0) }
      let (all, first) = (paths.joined(separator: ","), paths[0])
      let report = try compare(
        [Contender(at: "mine=\(all)"), Contender(at: first)], in: folder
      ).report
      #expect(report.runs.map(\.name) == ["mine", "exp1"])
      #expect(report.runs[0].trainings.map(\.seed) == [1, 2, 3])
      let rows = report.probes.filter { $0.model == "mine" && $0.kind == .pretrained }
      #expect(rows.count == 2 && rows.allSatisfy { $0.repeats == .weights })
      #expect(rows.allSatisfy { $0.scores.count == 3 && $0.items?.worths.count == 3 })
      #expect(throws: ComparisonError.self) { try Contender(at: "mine=\(first),\(first)") }
      #expect(throws: (any Error).self) { try Contender(at: "mine=nowhere") }
    }
  }

  @Test func runsOfDifferentMusicAreToldApart() throws {
    try withFolder { folder in
      let first = try run("exp7", in: folder)
      let corpus = folder.appending(path: "corpus")
      let half = folder.appending(path: "half")
      try FileManager.default.createDirectory(at: half, withIntermediateDirectories: true)
      for i in 0..<6 {
        let name = "piece-000\(i).wav"
        try FileManager.default.copyItem(
          at: corpus.appending(path: name), to: half.appending(path: name))
      }
      let report = try compare(
        [Contender(at: first), .recipe(Tiny.recipe())], in: folder, data: half.path
      ).report
      #expect(
        report.html.contains("The models were not trained on the same music: exp7 on 12 files"))
      #expect(report.html.contains("tiny on 6 files of \(half.path)"))
      #expect(report.probed?.heard == ["exp7": 12, "tiny": 6])
    }
  }

  @Test func anUnfinishedRunIsAnErrorThatSaysHowToGoOn() throws {
    try withFolder { folder in
      let path = try run("exp7", in: folder, steps: 2)
      let error = #expect(throws: ComparisonError.self) { try Contender(at: path) }
      let line = try #require(error).description
      #expect(line.contains("\(path): the run is at step 2 of 3; finish it with 'etude pretrain"))
      #expect(line.contains("--resume', or name one of its checkpoints") && !line.contains("\n"))
      // As a model it may be compared.
      let checkpoint = path + "/checkpoints/step-2"
      guard case .model(checkpoint, _) = try Contender(at: checkpoint) else {
        Issue.record("a checkpoint is a model")
        return
      }
    }
  }

  @Test func modelsStandBesideRecipes() throws {
    try withFolder { folder in
      let corpus = try Tiny.corpus(folder.appending(path: "corpus"))
      let model = try Tiny.model(folder.appending(path: "model"))
      let report = try compare(
        [.recipe(Tiny.recipe()), Contender(at: model)], in: folder, data: corpus
      ).report
      #expect(report.runs.map(\.name) == ["tiny", model])
      #expect(report.runs[1].trainings.isEmpty && report.runs[1].log.isEmpty)
      #expect(report.runs[1].recipe.contains(.init(path: "encoder.width", value: "16")))
      #expect(report.probed?.heard == ["tiny": 12])
      #expect(report.html.contains("not trained here"))
      #expect(report.markdown.contains("(one model, not judged;"))
    }
  }

  /// Folders of OMAR-RQ have no `config.json`.
  @Test func modelsOfOMARRQAreContenders() throws {
    let folder = goldenFolder.appendingPathComponent("models_mel/omar-rq/mel").path
    guard case .model(let path, _) = try Contender(at: folder) else {
      Issue.record("\(folder) is a model")
      return
    }
    #expect(path == folder)
  }

  @Test(arguments: ["nothing there", "an empty folder", "a folder of checkpoints"])
  func whatIsNoContenderIsNamed(case name: String) throws {
    try withFolder { folder in
      let path = folder.appending(path: "x").path
      if name != "nothing there" {
        try FileManager.default.createDirectory(
          atPath: path + "/step-5", withIntermediateDirectories: true)
      }
      let error = #expect(throws: ComparisonError.self) { try Contender(at: path) }
      let line = try #require(error).description
      #expect(line.hasPrefix("\(path): ") && !line.contains("\n"))
      #expect(line.contains("name recipes, folders of finished runs, or models"))
    }
  }

  @Test func runsOfOneNameGoByTheirPaths() throws {
    try withFolder { folder in
      let paths = [try run("a/run", in: folder), try run("b/run", in: folder)]
      let report = try compare(paths.map { try Contender(at: $0) }, in: folder).report
      #expect(report.runs.map(\.name) == paths)
      let error = #expect(throws: ComparisonError.self) {
        try compare([Contender(at: paths[0]), Contender(at: paths[0])], in: folder)
      }
      #expect(error?.description.contains("two contenders are named '\(paths[0])'") == true)
    }
  }

  /// In whatever spelling.
  @Test func whatIsNamedTwiceIsAnError() throws {
    try withFolder { folder in
      let path = try run("exp7", in: folder)
      try FileManager.default.createSymbolicLink(
        atPath: folder.path + "/exp8", withDestinationPath: path)
      for other in [folder.path + "/./exp7", folder.path + "/exp8"] {
        let error = #expect(throws: ComparisonError.self) {
          try compare([Contender(at: path), Contender(at: other)], in: folder)
        }
        #expect(error?.description.contains("are the same; name it once") == true)
      }
      let model = path + "/checkpoints/step-3"
      #expect(throws: ComparisonError.self) {
        try compare([Contender(at: model), Contender(at: model + "/")], in: folder)
      }
    }
  }

  /// What it heard and what it took would be nothing.
  @Test func aRunWithoutItsLogIsAnError() throws {
    try withFolder { folder in
      let path = try run("exp7", in: folder)
      let log = URL(filePath: path).logFile
      let lines = try String(contentsOf: log, encoding: .utf8)
      try Data(lines.split(separator: "\n").first.map { "\($0)\n" }!.utf8).write(to: log)
      func line() throws -> String {
        let error = #expect(throws: ComparisonError.self) {
          try compare([Contender(at: path)], in: folder)
        }
        return try #require(error).description
      }
      #expect(
        try line().hasPrefix(
          "\(path)/log.jsonl: ends at step 1, and the last checkpoint is that of step 3; put"))
      try FileManager.default.removeItem(at: log)
      #expect(try line().contains("log.jsonl: is missing or empty"))
    }
  }

  /// Whether models heard the pieces is counted by what they were trained on, not by what lies beside it.
  @Test func heardIsWhatARunWasTrainedOn() throws {
    try withFolder { folder in
      let corpus = folder.appending(path: "corpus")
      let half = folder.appending(path: "half")
      _ = try Tiny.corpus(corpus)
      try FileManager.default.createDirectory(at: half, withIntermediateDirectories: true)
      for i in 0..<6 {
        try FileManager.default.copyItem(
          at: corpus.appending(path: "piece-000\(i).wav"), to: half.appending(path: "\(i).wav"))
      }
      let run = folder.appending(path: "exp7")
      try TrainingJob(Tiny.recipe(), data: Manifest.open(half.path), scratch: folder) { _ in }
        .train(in: run, labels: run.labels)
      // Another six come into its folder of music afterwards.
      for i in 6..<9 {
        try FileManager.default.copyItem(
          at: corpus.appending(path: "piece-000\(i).wav"), to: half.appending(path: "\(i).wav"))
      }
      let report = try compare([Contender(at: run.path)], in: folder).report
      #expect(report.probed?.heard == ["exp7": 6])
      // The music itself is not needed.
      try FileManager.default.removeItem(at: half)
      #expect(
        try compare([Contender(at: run.path)], in: folder).report.probed?.heard == ["exp7": 6])
    }
  }

  /// In whatever order they are named, and of whichever numbers.
  @Test func runsArePairedByTheirOwnSeeds() throws {
    try withFolder { folder in
      let paths = try [12, 11, 13].map { try run("exp\($0)", in: folder, seed: $0) }
      func row(_ name: String, _ places: [Int]) throws -> Contender {
        try Contender(at: "\(name)=" + places.map { paths[$0] }.joined(separator: ","))
      }
      let report = try compare([row("a", [0, 1]), row("b", [2, 1, 0])], in: folder).report
      let probes = report.probes.filter { $0.task == "pitch" }
      func seeds(_ model: String, _ kind: ProbeResult.Kind) -> [Int]? {
        probes.first { $0.model == model && $0.kind == kind }?.seeds
      }
      #expect(seeds("a", .pretrained) == [11, 12] && seeds("b", .pretrained) == [11, 12, 13])
      #expect(seeds("a", .randomInitialisation) == [11, 12, 13])
      #expect(probes.filter { $0.kind == .statistics }.allSatisfy { $0.seeds == [11, 12, 13] })
      // The same runs, so nothing differs; the third has no partner.
      #expect(report.differences.count == 2)
      #expect(report.differences.allSatisfy { $0.seeds == [11, 12] && $0.differences == [0, 0] })
      #expect(
        report.markdown.contains(
          "Not all were trained with the same seeds: a with 11 and 12; b with 11, 12 and 13."))
    }
  }

  @Test func aRecipeWithoutDataIsAnError() throws {
    try withFolder { folder in
      _ = try Tiny.corpus(folder.appending(path: "corpus"))
      let error = #expect(throws: ComparisonError.self) {
        try compare([.recipe(Tiny.recipe())], in: folder)
      }
      #expect(error?.description == "tiny: not trained yet; name the music to train on with --data")
    }
  }
}
