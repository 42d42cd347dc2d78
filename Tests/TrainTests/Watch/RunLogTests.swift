import Foundation
import TestSupport
import Testing
import Train

@Suite struct RunLogTests {
  private func record(_ step: Int, loss: Float = 1.5) -> StepRecord {
    StepRecord(
      step: step, loss: loss, terms: ["codes": 1.25, "accuracy.0": 0.5], learningRate: 1e-3,
      gradientNorm: 3, secondsPerStep: 0.25, audioSecondsPerSecond: 80)
  }

  private func file() throws -> (TestFolder, URL) {
    let folder = try TestFolder()
    return (folder, folder.url.appendingPathComponent("log.jsonl"))
  }

  @Test func readsWhatItWrote() throws {
    let (folder, url) = try file()
    defer { withExtendedLifetime(folder) {} }
    var strange = record(2, loss: .infinity)
    (strange.gradientNorm, strange.terms["penalty"]) = (-.infinity, 0.1)
    let log = try RunLog(url)
    for record in [record(1), strange, record(3)] { try log.write(record) }
    #expect(try RunLog.steps(of: url) == [record(1), strange, record(3)])

    var broken = record(4, loss: .nan)
    broken.terms["codes"] = .nan
    try log.write(broken)
    let last = try #require(try RunLog.steps(of: url).last)
    #expect(last.step == 4 && last.loss.isNaN && last.terms["codes"]!.isNaN)
    #expect(last.terms["accuracy.0"] == 0.5)

    let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 4)
    for line in lines { _ = try JSONSerialization.jsonObject(with: Data(line.utf8)) }
  }

  @Test func dropsWhatTheInterruptedRunWroteLater() throws {
    let (folder, url) = try file()
    let text = """
      {"event":"left out an update","step":2}
      {"event":"left out an update","step":4}
      {"step":3,"loss":
      """
    var log: RunLog? = try RunLog(url)
    for step in 1...4 { try log!.write(record(step, loss: step == 2 ? .nan : 1)) }
    log = nil
    let whole = try String(contentsOf: url, encoding: .utf8)
    try folder.write(whole + text, to: "log.jsonl")

    let resumed = try RunLog(url, resumingAt: 2)
    #expect(try RunLog.steps(of: url).map(\.step) == [1, 2])
    try resumed.write(record(3))
    #expect(try RunLog.steps(of: url).map(\.step) == [1, 2, 3])
    let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 4 && lines[2].contains("event"), "the event of step 2 stays")

    _ = try RunLog(url)
    #expect(try RunLog.steps(of: url).isEmpty, "a new run begins a new log")
  }

  @Test func whatIsMeasuredAnewIsDropped() throws {
    let (folder, url) = try file()
    defer { withExtendedLifetime(folder) {} }
    let log = try RunLog(url)
    for step in 1...2 {
      try log.write(record(step))
      try log.write(ProbeRecord(step: step, probe: ["key": 0.5]))
    }
    _ = try RunLog(url, resumingAt: 2, awaitingValidation: true)
    #expect(try RunLog.probes(of: url).map(\.step) == [1])
    #expect(try RunLog.steps(of: url).map(\.step) == [1, 2])
  }

  @Test func aFolderThatIsNotThere() {
    let url = URL(fileURLWithPath: "/dev/null/log.jsonl")
    #expect {
      try RunLog(url)
    } throws: {
      "\($0)".contains("\(url.path): cannot be written: not a directory") && !"\($0)".contains("\n")
    }
  }
}
