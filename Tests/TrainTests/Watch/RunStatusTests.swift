import Files
import Foundation
import TestSupport
import Testing
import Train

/// What `etude runs` shows.
@Suite struct RunStatusTests {
  private func list(_ studio: TinyStudio) throws -> [RunStatus] {
    try RunStatus.list(below: studio.folder.url.appendingPathComponent("runs"))
  }

  @Test func eachStateIsSeen() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyHuBERT, in: "done")
    try studio.train(.tinyHuBERT, in: "study/half", labels: "done", until: 3)
    try studio.train(.tinyHuBERT, in: "broken", labels: "done", until: 3)
    try studio.folder.write("{\n", to: "runs/broken/log.jsonl")
    try studio.folder.write("no run", to: "runs/notes/readme.txt")

    let runs = try list(studio)
    #expect(runs.map(\.name) == ["broken", "done", "study/half"])
    #expect(runs.map(\.state) == [.damaged, .finished, .stopped])
    #expect(runs.map(\.step) == [0, 6, 3] || runs.map(\.step) == [3, 6, 3])
    #expect(runs[1...].map(\.steps) == [6, 6])
    #expect(runs[0].reason?.contains("log.jsonl:1: is damaged; remove the line") == true)
    #expect(runs[1...].allSatisfy { $0.reason == nil })
    #expect(runs[1].loss == (try studio.log(of: "done").last!.loss))
    #expect(runs[1].secondsLeft == 0 && runs[2].secondsLeft! > 0)
    #expect(runs[2].hoursHeard! * 3600 < runs[1].hoursHeard! * 3600)
    #expect(abs(runs[1].lastActivity!.timeIntervalSinceNow) < 600)

    let states = try FolderLock.hold(studio.run("study/half")) { _ in
      try list(studio).map(\.state)
    }
    #expect(states == [.damaged, .finished, .running])
  }

  /// The mean time of the steps of the last lines, times the steps to come.
  @Test func theTimeLeftFollowsFromTheLastLines() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyHuBERT, in: "run", until: 3)
    func line(_ step: Int, _ seconds: Double) -> String {
      #"{"audioSecondsPerSecond":1,"gradientNorm":1,"learningRate":1,"loss":2,"secondsPerStep":\#(seconds),"#
        + #""step":\#(step),"terms":{}}"# + "\n"
    }
    try studio.folder.write(line(1, 900) + line(2, 10) + line(4, 40), to: "runs/run/log.jsonl")
    let run = try #require(try list(studio).first)
    #expect(run.step == 4 && run.secondsLeft == 2 * (10 + 2 * 40) / 3)
  }

  /// Lines that no training writes say nothing of the time left, and do no harm.
  @Test func oddLinesAreNoTrap() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyHuBERT, in: "run", until: 3)
    let log = try studio.folder.text(of: "runs/run/log.jsonl")
    let last = String(log.split(separator: "\n").last!) + "\n"
    try studio.folder.write(last + last, to: "runs/run/log.jsonl")
    #expect(try list(studio)[0].secondsLeft!.isFinite)
    try studio.folder.write(
      last.replacing("\"step\":3", with: "\"step\":-9223372036854775808"), to: "runs/run/log.jsonl")
    #expect(try list(studio)[0].reason?.contains("log.jsonl:1: is damaged") == true)
  }

  /// A run goes on from the checkpoint before it.
  @Test func aDamagedCheckpointIsPassedOver() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyHuBERT, in: "run", until: 3)
    try studio.folder.write("{", to: "runs/run/checkpoints/step-3/state.json")
    #expect(try list(studio)[0].reason?.contains("there is no whole checkpoint before it") == true)
    try studio.train(.tinyHuBERT, in: "whole", labels: "run", until: 2)
    try FileManager.default.copyItem(
      at: studio.run("whole").appendingPathComponent("checkpoints/step-2"),
      to: studio.run("run").appendingPathComponent("checkpoints/step-2"))
    let run = try #require(try list(studio).first)
    #expect(run.state == .stopped && run.reason == nil && run.step == 3)
  }

  /// Of a long log only the end is read.
  @Test func aLogOfWeeksIsReadFromItsEnd() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyHuBERT, in: "run", until: 3)
    let log = try studio.folder.text(of: "runs/run/log.jsonl")
    let long = "damaged\n" + String(repeating: log, count: 2_000)
    #expect(long.utf8.count > 1_200_000)
    try studio.folder.write(long, to: "runs/run/log.jsonl")
    let run = try #require(try list(studio).first)
    #expect(run.state == .stopped && run.step == 3)
  }

  /// Whoever opens a pipe waits for a process that writes into it.
  @Test(arguments: ["recipe.yaml", "run.json", "log.jsonl"])
  func aPipeIsNotWaitedFor(name: String) throws {
    let studio = try TinyStudio()
    try studio.train(.tinyHuBERT, in: "run", until: 3)
    let file = studio.run("run").appending(path: name)
    try FileManager.default.removeItem(at: file)
    #expect(mkfifo(file.path, 0o600) == 0)
    expectError(file.path, "is not a regular file; move it away") {
      _ = try RunInformation(of: studio.run("run"))
      _ = try RecipeKind.stored(of: studio.run("run"))
      _ = try RunLog.steps(of: studio.run("run").logFile)
    }
    let reason = try list(studio)[0].reason
    #expect(name == "run.json" || reason == "\(file.path): is not a regular file; move it away")
  }

  /// A run may be older than a check of its values.
  @Test func valuesOfEarlierDaysDoNoHarm() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyHuBERT, in: "run", until: 3)
    let recipe = try studio.folder.text(of: "runs/run/recipe.yaml")
    let other = recipe.replacing(/logEvery: [0-9]+/, with: "logEvery: 0")
    #expect(other != recipe)
    try studio.folder.write(other, to: "runs/run/recipe.yaml")
    #expect(try list(studio).map(\.state) == [.stopped])
  }

  @Test func aRunItselfAndNothing() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyHuBERT, in: "run", until: 3)
    #expect(try RunStatus.list(below: studio.run("run")).map(\.name) == ["run"])
    #expect(try RunStatus.list(below: studio.music).isEmpty)
    #expect(throws: FileError.self) { try RunStatus.list(below: studio.run("absent")) }
  }

  /// The lines of ten days, a step a second, a million of them.
  @Test func progressInAFileIsQuiet() {
    var pace = QuietPace()
    let shown = (0...1_000_000).filter { pace.isDue($0, of: 1_000_000, at: Double($0)) }
    #expect(shown.count < 1_800 && shown.first == 0 && shown.last == 1_000_000)
    #expect(zip(shown, shown.dropFirst()).allSatisfy { $1 - $0 >= 60 && $1 - $0 <= 600 })

    // Fifty seconds: its beginning and its end. An hour: a line a minute.
    pace = QuietPace()
    #expect((0...50).filter { pace.isDue($0, of: 50, at: Double($0)) } == [0, 50])
    pace = QuietPace()
    #expect((0...3600).count { pace.isDue($0, of: 3600, at: Double($0)) } <= 61)
  }
}
