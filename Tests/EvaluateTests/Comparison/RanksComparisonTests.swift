import Cluster
import Evaluate
import Files
import Foundation
import Pretrain
import Synchronization
import Testing
import Train

/// Comparisons that several ranks share, here threads: the same runs and the same report as of one process.
@Suite struct RanksComparisonTests {
  /// One that collapses, two that share labels, one whose stage is a contender, and two that share a stage.
  private static let recipes: [Recipe] = {
    var (first, second) = (Tiny.recipe("first"), Tiny.recipe("second"))
    (first.training.keepEvery, second.training.keepEvery, second.training.steps) = (1, 1, 2)
    let third = relabelled(Tiny.recipe("hidden"), "third")
    var fourth = relabelled(Tiny.recipe("hidden"), "fourth")
    fourth.teacher.kmeans[0].layer!.index = 0
    return [Tiny.collapsing, first, second, relabelled(first, "relabelled"), third, fourth]
  }()

  private static func relabelled(_ stage: Recipe, _ name: String) -> Recipe {
    var recipe = stage
    recipe.name = name
    recipe.teacher.kmeans[0].features = nil
    recipe.teacher.kmeans[0].layer = Recipe.HiddenLayer()
    recipe.teacher.kmeans[0].layer!.recipe = stage
    recipe.teacher.kmeans[0].layer!.index = 1
    return recipe
  }

  private struct Compared: Sendable {
    var failures: [String?]
    var report: ComparisonReport?
  }

  /// Compares with several ranks; `watch` gets each rank's events and its request to stop.
  private func compare(
    _ recipes: [Recipe] = Self.recipes, seeds: [Int] = [4, 7], ranks: Int, corpus: String, out: URL,
    watch: @escaping @Sendable (Int, Comparison.Event, StopRequest) -> Void = { _, _, _ in }
  ) throws -> Compared {
    let outcomes = ThreadCommunicator.outcomes(ranks: ranks, patience: .endless) { ranks in
      let stop = StopRequest()
      return try Comparison(
        recipes.map { .recipe($0) }, seeds: seeds, data: corpus, probeData: .folder(corpus),
        probes: Tiny.probes, checkpoints: .all, folder: out, stop: stop, among: ranks,
        watch: { watch(ranks.rank, $0, stop) }
      ).run(commands: []).report
    }
    return Compared(
      failures: outcomes.map { outcome in
        guard case .failure(let error) = outcome else { return nil }
        return "\(error)"
      }, report: try? outcomes[0].get())
  }

  /// Every file that a comparison leaves but for those that hold times, by its path. What a run's labels are its
  /// checkpoint says, too.
  private func files(of folder: URL) throws -> [String: Data] {
    let timed = ["log.jsonl", "run.json", ".lock", "report.html", "report.md", "report.json"]
    var files: [String: Data] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
      let url = folder.appending(path: name)
      let isPlain = try url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true
      guard isPlain, !timed.contains(url.lastPathComponent),
        !name.contains("tfevents"), !["md", "h5"].contains(url.pathExtension)
      else { continue }
      files[name] = try Data(contentsOf: url)
    }
    return files
  }

  private func expectEqual(_ a: URL, _ b: URL) throws {
    let (first, second) = (try files(of: a), try files(of: b))
    #expect(first.keys.sorted() == second.keys.sorted())
    for (file, bytes) in first { #expect(second[file] == bytes, "\(b.lastPathComponent): \(file)") }
    #expect(first.keys.contains { $0.hasSuffix("model.safetensors") })
  }

  private func expectEqual(_ a: ComparisonReport, _ b: ComparisonReport) {
    #expect(a.probes == b.probes)
    #expect(a.courses == b.courses && a.courses?.isEmpty == false)
    #expect(a.method == b.method && a.title == b.title && a.probed == b.probed)
    for (a, b) in zip(a.runs, b.runs) {
      #expect(a.recipe == b.recipe && a.labels == b.labels && a.music == b.music)
      #expect(a.log.map(\.loss) == b.log.map(\.loss))
      for (a, b) in zip(a.trainings, b.trainings) {
        #expect(a.stopped == b.stopped && a.ending == b.ending && a.steps == b.steps)
      }
    }
  }

  @Test func sharesAllAndReportsAsOneProcess() throws {
    try withFolder { folder in
      let corpus = try Tiny.corpus(folder.appending(path: "corpus"))
      func compared(_ ranks: Int) throws -> Compared {
        try compare(ranks: ranks, corpus: corpus, out: folder.appending(path: "\(ranks)"))
      }
      let alone = try compared(1)
      #expect(alone.failures == [nil])
      let together = try compared(3)
      #expect(together.failures.allSatisfy { $0 == nil }, "\(together.failures)")
      expectEqual(try #require(alone.report), try #require(together.report))
      try expectEqual(folder.appending(path: "1"), folder.appending(path: "3"))
      // Nothing is trained again, by however many.
      let again = try compare(
        ranks: 2, corpus: corpus, out: folder.appending(path: "1")
      ) { _, event, _ in
        if case .run(let name) = event { #expect(name.hasPrefix("collapsing")) }
      }
      expectEqual(try #require(alone.report), try #require(again.report))
    }
  }

  /// One rank is asked to stop: all save what they train. The same goes on with one process.
  @Test func aRankThatIsAskedToStopStopsAll() throws {
    try withFolder { folder in
      let corpus = try Tiny.corpus(folder.appending(path: "corpus"))
      var recipe = Tiny.recipe()
      (recipe.training.steps, recipe.training.keepEvery, recipe.training.checkpointEvery) = (
        60, 60, 60
      )
      let (whole, out) = (folder.appending(path: "whole"), folder.appending(path: "out"))
      let alone = try compare([recipe], ranks: 1, corpus: corpus, out: whole)
      let training = Mutex<Set<Int>>([])
      let stopped = try compare([recipe], ranks: 2, corpus: corpus, out: out) { rank, event, stop in
        guard case .training(.advanced(let step, _)) = event else { return }
        usleep(30_000)
        guard step == 2 else { return }
        training.withLock { _ = $0.insert(rank) }
        // Both have something to save.
        let isEachThere = (0..<6_000).contains { _ in
          let isThere = training.withLock { $0.count == 2 }
          if !isThere { usleep(10_000) }
          return isThere
        }
        #expect(isEachThere)
        if rank == 1 { stop.make() }
      }
      #expect(
        stopped.failures.allSatisfy { $0?.contains("and saved; resume it") == true },
        "\(stopped.failures)")
      for seed in [4, 7] {
        let run = out.appending(path: "tiny-seed-\(seed)")
        let step = try #require(try RunFolder.latestStep(of: run, recipe: recipe.seeded(seed)))
        #expect((1..<60).contains(step))
      }
      let resumed = try compare([recipe], ranks: 1, corpus: corpus, out: out)
      expectEqual(try #require(alone.report), try #require(resumed.report))
      for seed in [4, 7] {
        let last = "tiny-seed-\(seed)/checkpoints/step-60/model.safetensors"
        #expect(
          try Data(contentsOf: whole.appending(path: last))
            == Data(contentsOf: out.appending(path: last)))
      }
    }
  }

  /// What one rank fails by ends all, with its name and the run's; what the others trained is saved.
  @Test func aRunThatFailsEndsAll() throws {
    try withFolder { folder in
      let corpus = try Tiny.corpus(folder.appending(path: "corpus"))
      let out = folder.appending(path: "out")
      let compared = try FolderLock.hold(out.appending(path: "tiny-seed-7")) { _ in
        try compare([Tiny.recipe()], ranks: 2, corpus: corpus, out: out)
      }
      for line in compared.failures {
        #expect(line?.contains(" on here: run tiny-seed-7: ") == true, "\(compared.failures)")
        #expect(line?.contains("another process works here") == true)
      }
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: out.path).allSatisfy {
          !$0.hasPrefix(".jobs")
        })
      let again = try compare([Tiny.recipe()], ranks: 2, corpus: corpus, out: out)
      #expect(again.failures == [nil, nil])
    }
  }

  @Test func ranksThatCompareOtherThingsAreRefused() throws {
    try withFolder { folder in
      let corpus = try Tiny.corpus(folder.appending(path: "corpus"))
      let outcomes = ThreadCommunicator.outcomes(ranks: 2) { ranks in
        try Comparison(
          [.recipe(Tiny.recipe("tiny-\(ranks.rank)"))], data: corpus, probeData: .folder(corpus),
          probes: Tiny.probes, folder: folder.appending(path: "out"), among: ranks
        ).run(commands: []).page
      }
      for outcome in outcomes {
        #expect(throws: ClusterError.self) { try outcome.get() }
      }
    }
  }

  /// Two rows of the same numbers: one rank waits while the other embeds them.
  @Test func oneModelUnderTwoNamesIsEmbeddedOnce() throws {
    try withFolder { folder in
      try GTZANFixture.write(to: folder.appending(path: "marble"))
      let models = try ["a", "b"].map { try Tiny.model(folder.appending(path: $0)) }
      func report(_ ranks: Int) throws -> ComparisonReport {
        try ThreadCommunicator.run(ranks: ranks, patience: .endless) { ranks in
          try Comparison(
            models.map { try Contender(at: $0) }, data: nil,
            probeData: ProbeData(at: folder.appending(path: "marble").path), probes: Tiny.probes,
            folder: folder.appending(path: "\(ranks.count)"), among: ranks
          ).run(commands: []).report
        }[0]
      }
      let (alone, together) = (try report(1), try report(2))
      #expect(alone.probes == together.probes && !alone.probes.isEmpty)
    }
  }
}
