import Files
import Foundation
import TestSupport
import Testing
import Train

/// The events for TensorBoard that a run writes. `Tests/Golden/check_tensorboard.py` opens them with it.
@Suite struct RunEventsTests {
  /// The events of a file, each checked with its checksums.
  private func events(of file: URL) throws -> [Data] {
    var (rest, events) = (try Data(contentsOf: file)[...], [Data]())
    func take(_ count: Int) throws -> [UInt8] {
      try #require(rest.count >= count)
      defer { rest = rest.dropFirst(count) }
      return Array(rest.prefix(count))
    }
    func number(_ bytes: [UInt8]) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
    while !rest.isEmpty {
      let length = try take(8)
      #expect(try number(take(4)) == UInt64(CRC32C.masked(of: length)))
      let event = try take(Int(number(length)))
      #expect(try number(take(4)) == UInt64(CRC32C.masked(of: event)))
      events.append(Data(event))
    }
    return events
  }

  private func files(of run: URL) throws -> [URL] {
    try FileManager.default.contentsOfDirectory(atPath: run.path).sorted()
      .filter { $0.hasPrefix("events.out.tfevents.") }.map { run.appendingPathComponent($0) }
  }

  @Test func aFileForEachProcess() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyHuBERT, in: "run", until: 3)
    try studio.train(.tinyHuBERT, in: "run", .resuming)
    let files = try files(of: studio.run("run"))
    #expect(try files.map { try events(of: $0).count } == [5, 5])

    // Field 2 is the step, field 7 with 1 in it a start.
    for (file, step) in zip(files, [UInt8(1), 4]) {
      let start = try events(of: file)[1]
      #expect(start.suffix(6) == Data([0x10, step, 0x3A, 0x02, 0x08, 0x01]))
    }
    let tags = [
      "loss", "codes/0", "accuracy/0", "gradient/norm", "gradient/frontEnd",
      "schedule/learningRate", "speed/secondsPerStep", "progress/hoursHeard",
    ]
    for event in try files.flatMap({ try events(of: $0).dropFirst(2) }) {
      for tag in tags {
        #expect(event.range(of: Data([UInt8(tag.utf8.count)] + tag.utf8)) != nil, "\(tag)")
      }
    }
  }

  @Test func noneAreWrittenIfTheRecipeWantsNone() throws {
    let studio = try TinyStudio()
    var recipe = Recipe.tinyHuBERT
    recipe.training.tensorBoard = false
    try studio.train(recipe, in: "run", until: 3)
    #expect(try files(of: studio.run("run")).isEmpty)
    recipe.training.tensorBoard = true
    try studio.train(recipe, in: "run", .resuming)
    #expect(try files(of: studio.run("run")).count == 1, "a run may go on with them")
  }

  /// A process that was killed left half a record, and records of steps that its checkpoint does not have.
  @Test func afterAKillAWholeFileFollows() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyHuBERT, in: "run", until: 3)
    let first = try #require(try files(of: studio.run("run")).first)
    let whole = try Data(contentsOf: first)
    try whole.dropLast(5).write(to: first)
    try studio.train(.tinyHuBERT, in: "run", .resuming)
    let files = try files(of: studio.run("run"))
    #expect(files.count == 2 && files[0] == first)
    #expect(try Data(contentsOf: first) == whole.dropLast(5))
    #expect(try events(of: files[1]).count == 5)
  }
}
