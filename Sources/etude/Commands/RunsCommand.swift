import ArgumentParser
import Foundation
import Settings
import Train

/// `etude runs`: the runs of a folder at a glance.
struct RunsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs", abstract: "List the runs below a folder: state, step, loss, time left.",
    discussion: """
      A run is running while a process works in its folder, finished with the checkpoint of its last \
      step or when validation ended it, and stopped otherwise. A run of which a file cannot be read is damaged. The reason \
      of that, or why a run collapsed or diverged, follows below the table. The time left is that of the steps to come at the mean time of those in \
      the last ten lines of the log.

      Example, after that of 'etude pretrain --help':
        etude runs runs
      """)

  @Argument(help: "The folder to look through.")
  var folder: String

  @Flag(help: "Print one JSON array, with dates in UTC and times in seconds.")
  var json = false

  func run() throws {
    let runs = try RunStatus.list(below: URL(fileURLWithPath: folder))
    if json { return print(try Self.json(of: runs)) }
    guard !runs.isEmpty else { return print("\(folder): holds no runs") }
    print(RunTable(runs, at: Date()).text)
  }

  private static func json(of runs: [RunStatus]) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.dateEncodingStrategy = .iso8601
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return String(decoding: try encoder.encode(runs), as: UTF8.self)
  }
}

/// A line for each run, in columns.
private struct RunTable {
  private let rows: [[String]]
  private let reasons: [String]

  init(_ runs: [RunStatus], at now: Date) {
    rows = [Self.titles] + runs.map { Self.row($0, at: now) }
    reasons = runs.compactMap { run in run.reason.map { "\(run.name): \($0)".asOneLine } }
  }

  var text: String {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    let lines = rows.map { row in
      zip(row, widths).map { $0.padded(to: $1) }
        .joined(separator: "  ").trimmingSuffix { $0 == " " }
    }
    return (lines.map(String.init) + reasons).joined(separator: "\n")
  }

  private static let titles = [
    "run", "state", "step", "loss", "held-out loss", "hours heard", "last activity", "time left",
  ]

  private static func row(_ run: RunStatus, at now: Date) -> [String] {
    let left = run.state == .finished ? nil : run.secondsLeft
    return [
      run.name.asOneLine, run.state.rawValue, run.steps.map { "\(run.step) of \($0)" } ?? "",
      run.loss.map { String(format: "%.3f", $0) } ?? "",
      run.validationLoss.map { String(format: "%.3f", $0) } ?? "",
      run.hoursHeard.map { String(format: "%.1f", $0) } ?? "",
      run.lastActivity.map { max(0, now.timeIntervalSince($0)).asDuration + " ago" } ?? "",
      left.map(\.asDuration) ?? "",
    ]
  }
}

extension StringProtocol {
  fileprivate func trimmingSuffix(while isTrimmed: (Character) -> Bool) -> SubSequence {
    self[..<(lastIndex { !isTrimmed($0) }.map { index(after: $0) } ?? startIndex)]
  }
}
