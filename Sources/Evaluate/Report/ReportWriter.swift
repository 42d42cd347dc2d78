import Foundation

extension ComparisonReport {
  /// The page: self-contained HTML that opens offline.
  public var html: String { Page(report: self).markup.source }

  /// The same in Markdown, without drawings.
  public var markdown: String { MarkdownReport(report: self).text }

  /// The same for machines: `report` holds everything that was put in, `outcomes` and
  /// `differences` what the report makes of it. A number that is not finite is written as the string
  /// `nan`, `inf` or `-inf`.
  public var json: Data {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      encoder.dateEncodingStrategy = .iso8601
      encoder.nonConformingFloatEncodingStrategy = .convertToString(
        positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
      return try encoder.encode(
        Document(report: self, outcomes: outcomes, differences: differences))
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

  /// Writes `report.html`, `report.md` and `report.json` into a folder, which it makes if it is
  /// not there; earlier reports are replaced, each at once.
  ///
  /// - Returns: The page.
  @discardableResult
  public func write(to folder: URL) throws -> URL {
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      let page = folder.appending(path: "report.html")
      try Data(html.utf8).write(to: page, options: .atomic)
      try Data(markdown.utf8).write(to: folder.appending(path: "report.md"), options: .atomic)
      try json.write(to: folder.appending(path: "report.json"), options: .atomic)
      return page
    } catch {
      throw ReportError.unwritable(folder: folder.path, why: error.localizedDescription)
    }
  }

  private struct Given: Decodable { var report: ComparisonReport }

  private struct Document: Encodable {
    var report: ComparisonReport
    var outcomes: [TaskOutcome]
    var differences: [RunDifference]
  }
}
