import Files
import Foundation
import Tensor

extension ComparisonReport {
  /// The page: self-contained HTML that opens offline.
  public var html: String { Page(report: self).markup.source }

  /// The same in Markdown, without drawings.
  public var markdown: String { MarkdownReport(report: self).text }

  /// The same for machines: `report` holds everything that was put in, `outcomes`,
  /// `differences` and `effects` what the report makes of it. A number that is not finite is written as the string
  /// `nan`, `inf` or `-inf`.
  public var json: Data {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      encoder.dateEncodingStrategy = .iso8601
      encoder.nonConformingFloatEncodingStrategy = .convertToString(
        positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
      return try encoder.encode(
        Document(report: self, outcomes: outcomes, differences: differences, effects: effects))
    }
  }

  /// A report as ``json`` wrote it.
  public init(json: Data) throws {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    self = try decoder.decode(Given.self, from: json).report
  }

  /// The scores as comma-separated values, shares 0…1.
  public var csv: String { ResultTable(report: self).csv }

  /// The scores as a `tabular` of LaTeX.
  public var latex: String { ResultTable(report: self).latex }

  /// Writes `report.html`, `report.md`, `report.json`, `report.csv` and `report.tex` into a folder, which it makes if it
  /// is not there; earlier reports are replaced, each at once.
  ///
  /// - Returns: The page.
  /// - Throws: `FileError`.
  @discardableResult
  public func write(to folder: URL) throws -> URL {
    try AtomicFolder.make(folder)
    let page = folder.appending(path: "report.html")
    try AtomicFile.write(Data(html.utf8), to: page)
    try AtomicFile.write(Data(markdown.utf8), to: folder.appending(path: "report.md"))
    try AtomicFile.write(json, to: folder.appending(path: "report.json"))
    try AtomicFile.write(Data(csv.utf8), to: folder.appending(path: "report.csv"))
    try AtomicFile.write(Data(latex.utf8), to: folder.appending(path: "report.tex"))
    return page
  }

  /// Writes the report of a comparison's folder again, from its `report.json`.
  ///
  /// - Returns: The page; nil if there is no such file.
  /// - Throws: `FileError`; `ComparisonError.report` if it cannot be read.
  @discardableResult
  public static func rewrite(in folder: URL) throws -> URL? {
    let file = folder.appending(path: "report.json")
    guard let json = try Presence.content(of: file) else { return nil }
    guard let report = try? ComparisonReport(json: json) else {
      throw ComparisonError.report(file.path)
    }
    return try report.write(to: folder)
  }

  private struct Given: Decodable { var report: ComparisonReport }

  private struct Document: Encodable {
    var report: ComparisonReport
    var outcomes: [TaskOutcome]
    var differences: [RunDifference]
    var effects: [SettingEffect]
  }
}
