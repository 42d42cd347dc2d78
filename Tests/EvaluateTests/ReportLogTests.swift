import Evaluate
import Foundation
import Testing

@Suite struct ReportLogTests {
  let file = FileManager.default.temporaryDirectory
    .appending(path: "log-\(UUID().uuidString).jsonl")

  private func points(_ text: String) throws -> [LogPoint] {
    try Data(text.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    return try LogPoint.points(inLog: file)
  }

  @Test func stepsAreReadAndEventsPassedOver() throws {
    let log = """
      {"event":"started","seed":1}
      {"step":10,"loss":5.5,"terms":{"codes":5.25,"penalty":0.25},"learningRate":0.001,\
      "gradientNorm":2,"secondsPerStep":0.5,"audioSecondsPerSecond":96}
      {"step":20,"loss":"nan","terms":{}}

      """
    let points = try points(log)
    #expect(points.map(\.step) == [10, 20])
    #expect(
      points[0]
        == LogPoint(
          step: 10, loss: 5.5, terms: ["codes": 5.25, "penalty": 0.25], learningRate: 0.001,
          gradientNorm: 2, secondsPerStep: 0.5, audioSecondsPerSecond: 96))
    #expect(points[1].loss.isNaN && points[1].secondsPerStep == nil)
  }

  @Test(arguments: [#"{"step":20,"lo"#, #"{"loss":1,"terms":{}}"#, "nonsense"])
  func aBrokenLineIsNamed(line: String) throws {
    let error = #expect(throws: ReportError.self) {
      _ = try points(#"{"step":1,"loss":2,"terms":{}}"# + "\n" + line)
    }
    #expect(try #require(error).description.hasPrefix(file.path + ":2: "))
  }

  @Test func aMissingLogIsNamed() throws {
    let error = #expect(throws: ReportError.self) { _ = try LogPoint.points(inLog: file) }
    #expect(try #require(error).description.hasPrefix(file.path + ": "))
  }
}
