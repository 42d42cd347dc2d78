import Files
import Foundation
import Models
import Optimisation
import Tensor
import TestSupport
import Testing
import Train

/// A run's folder: one process at a time, and nothing in it is taken for absent that cannot be read.
@Suite struct RunFolderTests {
  private func words(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  // MARK: - One process

  @Test func aSecondProcessIsRefused() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyHuBERT, in: "run", until: 2)
    let before = try studio.checkpoint(2, of: "run")
    try FolderLock.hold(studio.run("run")) { _ in
      for start in [RunStart.new, .resuming, .resumingIfThere] {
        let text = words { try studio.train(.tinyHuBERT, in: "run", start) }
        #expect(text.contains("runs/run: another process works here (process "), "\(text)")
        let early = words {
          try RunFolder.check(studio.run("run"), start, recipe: Recipe.tinyHuBERT)
        }
        #expect(early == text)
      }
    }
    try FolderLock.hold(studio.run("labels")) { _ in
      let text = words { try studio.session(.tinyHuBERT).teach(into: studio.run("labels")) }
      #expect(text.contains("runs/labels: another process works here"), "\(text)")
    }
    try FolderLock.hold(studio.run("shared").labels) { _ in
      let text = words { try studio.train(.tinyHuBERT, in: "other", labels: "shared") }
      #expect(text.contains("runs/shared/labels: another process works here"), "\(text)")
    }
    #expect(try studio.checkpoint(2, of: "run") == before)
    try studio.train(.tinyHuBERT, in: "run", .resuming)
  }

  @Test func oneCommandLineBeginsAndGoesOn() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyData2Vec, in: "whole")
    try studio.train(.tinyData2Vec, in: "requeued", .resumingIfThere, until: 3)
    try studio.train(.tinyData2Vec, in: "requeued", .resumingIfThere)
    let (a, b) = (try studio.checkpoint(6, of: "whole"), try studio.checkpoint(6, of: "requeued"))
    for (name, bytes) in a { #expect(bytes == b[name], "\(name)") }
    // Once more after its end, it does nothing.
    try studio.train(.tinyData2Vec, in: "requeued", .resumingIfThere)
    #expect(try studio.log(of: "requeued").map(\.step) == Array(1...6))
    let text = words { try studio.train(.tinyData2Vec, in: "empty", .resuming) }
    #expect(text.contains("holds no checkpoint to resume") && text.contains("--resume-if-there"))
  }

  // MARK: - Absent or unreadable

  @Test(arguments: ["link", "file", "emptied"])
  func checkpointsThatCannotBeSeenDoNotCountAsNone(kind: String) throws {
    let studio = try TinyStudio()
    try studio.train(.tinyData2Vec, in: "run", until: 4)
    let checkpoints = studio.run("run").checkpoints
    try FileManager.default.removeItem(at: checkpoints)
    switch kind {
    case "link": symlink("/nowhere/scratch", checkpoints.path)
    case "file": try Data("text".utf8).write(to: checkpoints)
    // A mount point whose disk is missing.
    default: mkdir(checkpoints.path, 0o755)
    }
    let log = try Data(contentsOf: studio.run("run").logFile)
    let reason = [
      "link": "checkpoints: is a link to nothing; is the disk that it leads to mounted?",
      "file": "checkpoints: is not a folder; move it away",
      "emptied": "run: log.jsonl tells of step 4, but there is no checkpoint; mount their disk",
    ]
    for start in [RunStart.new, .resuming, .resumingIfThere] {
      let text = words { try studio.train(.tinyData2Vec, in: "run", start) }
      #expect(text.contains(reason[kind]!) && !text.contains("\n"), "\(start): \(text)")
    }
    #expect(try Data(contentsOf: studio.run("run").logFile) == log)
    if kind != "emptied" {
      let text = words {
        _ = try RunFolder.latestStep(of: studio.run("run"), recipe: Recipe.tinyData2Vec)
      }
      #expect(text.contains(reason[kind]!), "\(text)")
    }
  }

  /// Checkpoints that came before the first line of the log, as in earlier versions, and are gone.
  @Test func checkpointsThatNoLineTellsOfDoNotCountAsNone() throws {
    let studio = try TinyStudio()
    let recipe = Recipe.tinyData2Vec
    let stop = StopRequest()
    studio.onEvent = { event in
      if case .advanced(2, _) = event { stop.make() }
    }
    #expect(throws: TrainingStopped.self) { try studio.train(recipe, in: "run", stop: stop) }
    studio.onEvent = { _ in }
    try Data().write(to: studio.run("run").logFile)
    try FileManager.default.removeItem(at: studio.run("run").checkpoints)
    for start in [RunStart.new, .resuming, .resumingIfThere] {
      let text = words { try studio.train(recipe, in: "run", start) }
      #expect(
        text.contains("run: run.json tells of checkpoints, but there is no checkpoint; mount"),
        "\(text)")
    }
    try FileManager.default.removeItem(at: studio.run("run").logFile)
    try studio.train(recipe, in: "run", .resumingIfThere, until: 1)
  }

  @Test func damagedLogs() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyData2Vec, in: "run", until: 4)
    let url = studio.run("run").logFile
    let whole = try String(contentsOf: url, encoding: .utf8)
    var lines = whole.split(separator: "\n").map(String.init)
    try studio.folder.write(
      lines.prefix(2).joined(separator: "\n") + "\n", to: "runs/run/log.jsonl")
    try studio.train(.tinyData2Vec, in: "run", .resuming, until: 5)
    #expect(
      studio.remarks.contains {
        $0.contains("log.jsonl: ends at step 2 and the checkpoint is of step 4")
      })

    lines[1] = "{\"step\":2,\"lo"
    try studio.folder.write(lines.joined(separator: "\n") + "\n", to: "runs/run/log.jsonl")
    let text = words { try studio.train(.tinyData2Vec, in: "run", .resuming) }
    #expect(text.hasSuffix("log.jsonl:2: is damaged; remove the line"), "\(text)")
    #expect(words { _ = try RunLog.steps(of: url) } == text)
    // A step without its numbers is no event.
    lines[1] = "{\"step\":2}"
    try studio.folder.write(lines.joined(separator: "\n") + "\n", to: "runs/run/log.jsonl")
    #expect(words { _ = try RunLog.steps(of: url) } == text)
    // What a crash cut off is passed over.
    try studio.folder.write(whole + "{\"step\":5,\"lo", to: "runs/run/log.jsonl")
    #expect(try RunLog.steps(of: url).map(\.step) == [1, 2, 3, 4])
  }

  // MARK: - Updates left out

  @Test func updatesThatWereLeftOutAreSaid() throws {
    let studio = try TinyStudio()
    var recipe = Recipe.tinyHuBERT
    (recipe.schedule.peakRate, recipe.schedule.warmupSteps) = (1e30, 0)
    recipe.training.steps = 40
    let text = words { try studio.train(recipe, in: "run") }
    #expect(text.contains("training stopped at step"), "\(text)")
    let events = try RunLog.events(of: studio.run("run").logFile).filter(\.isUpdateLeftOut)
    #expect(events.count > 1)
    #expect(studio.remarks.count { $0.contains("left out an update") } == events.count)
  }

  // MARK: - Room

  /// What a process that was killed left of a checkpoint takes the room of a whole one.
  @Test func leftoversOfCheckpointsAreRemoved() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyData2Vec, in: "run", until: 2)
    try studio.folder.write("half", to: "runs/run/checkpoints/.step-9.partial/model.safetensors")
    try studio.train(.tinyData2Vec, in: "run", .resuming)
    let names = try FileManager.default.contentsOfDirectory(
      atPath: studio.run("run").checkpoints.path)
    #expect(names.sorted() == ["step-3", "step-6"])
  }

  /// The limit of a file's size stands for a full disk, which only root can make.
  @Test func aCheckpointThatFindsNoRoomLeavesTheLastOne() async throws {
    let result = try await #require(
      processExitsWith: .success, observing: [\.standardErrorContent]
    ) {
      let studio = try TinyStudio()
      try studio.train(.tinyData2Vec, in: "run", until: 2)
      let before = try studio.checkpoint(2, of: "run")
      var recipe = Recipe.tinyData2Vec
      recipe.data.decoding = .onDemand
      studio.onEvent = { event in
        guard case .remark(let text) = event else { return }
        FileHandle.standardError.write(Data("\(text)\n".utf8))
      }
      limitFileSize(to: 15_000)
      do {
        try studio.train(recipe, in: "run", .resuming)
      } catch {
        let names = try FileManager.default.contentsOfDirectory(
          atPath: studio.run("run").checkpoints.path)
        let isSame = try studio.checkpoint(2, of: "run") == before
        FileHandle.standardError.write(Data("\(error), left: \(names) \(isSame)".utf8))
      }
    }
    let text = String(decoding: result.standardErrorContent, as: UTF8.self)
    #expect(text.contains("checkpoints/step-6: cannot be written: file too large"), "\(text)")
    #expect(text.contains("left: [\"step-2\"] true"), "\(text)")
    #expect(text.contains(": no checkpoint: ") && text.contains("step-3: cannot be written"))
  }

  /// Room that is made in time: the run goes on, and only the checkpoints in between are missing.
  @Test func aCheckpointIsTriedAgain() async throws {
    let result = try await #require(
      processExitsWith: .success, observing: [\.standardErrorContent]
    ) {
      let studio = try TinyStudio()
      var recipe = Recipe.tinyData2Vec
      recipe.data.decoding = .onDemand
      try studio.train(recipe, in: "whole")
      signal(SIGXFSZ, SIG_IGN)
      func limit(_ bytes: UInt) {
        var limit = rlimit(rlim_cur: bytes, rlim_max: rlim_t.max)
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      }
      studio.onEvent = { event in
        if case .remark = event { limit(.max) }
      }
      limit(15_000)
      try studio.train(recipe, in: "run")
      let isSame = try studio.checkpoint(6, of: "run") == studio.checkpoint(6, of: "whole")
      let events = try RunLog.events(of: studio.run("run").logFile).map(\.event)
      FileHandle.standardError.write(Data("\(isSame) \(events)".utf8))
    }
    let text = String(decoding: result.standardErrorContent, as: UTF8.self)
    #expect(
      text.hasPrefix("true [\"no checkpoint: ") && text.contains("step-3: cannot be"), "\(text)")
  }
}
