import Files
import Foundation
import Models
import Pretrain
import Settings

/// What `etude codes evaluate` found. Plain data, which is also the JSON output.
public struct CodecReport: Codable, Sendable, Equatable {
  /// The folder of the codec.
  public var model: String
  /// When the evaluation ended.
  public var date: Date
  /// What it ran on.
  public var machine: ComparisonReport.Origin
  /// The command lines that made it; nil if it is not known, as in older reports.
  public var commands: [String]?
  /// The measured files.
  public var files: [String]
  /// The measures of all files together.
  public var measures: CodecMeasures

  /// The result of an evaluation, now and on this machine.
  public init(model: String, _ evaluation: CodecEvaluation, commands: [String]? = nil) {
    (self.model, date, machine, self.commands) = (model, Date(), evaluation.machine, commands)
    (files, measures) = (evaluation.files, evaluation.measures)
  }

  /// A report of any content.
  public init(
    model: String, date: Date, machine: ComparisonReport.Origin, commands: [String]? = nil,
    files: [String], measures: CodecMeasures
  ) {
    (self.model, self.date, self.machine, self.commands) = (model, date, machine, commands)
    (self.files, self.measures) = (files, measures)
  }

  /// The page: self-contained HTML that opens offline.
  public var html: String { CodecPage(report: self).markup.source }

  /// The same for machines.
  public var json: Data {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      encoder.dateEncodingStrategy = .iso8601
      encoder.nonConformingFloatEncodingStrategy = .convertToString(
        positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
      return try encoder.encode(self)
    }
  }

  /// The table as text, a line for each number of codebooks.
  public var text: String {
    let rows = [CodecTable.heads] + CodecTable(measures).rows
    let widths = CodecTable.heads.indices.map { column in rows.map { $0[column].count }.max()! }
    let lines = rows.map { row in
      zip(row, widths).map { String(repeating: " ", count: $1 - $0.count) + $0 }
        .joined(separator: "  ")
    }
    return ([CodecTable(measures).sentence] + lines).joined(separator: "\n")
  }

  /// Writes the page.
  /// - Throws: `FileError`.
  public func write(to page: URL) throws { try AtomicFile.write(Data(html.utf8), to: page) }
}
