import Foundation

extension LogPoint {
  /// The points of a run's `log.jsonl`, in its order; lines that tell of an event are passed over.
  ///
  /// Throws ``ReportError/unreadableLog(file:line:why:)`` at a file that cannot be read and at the
  /// first line that is neither.
  public static func points(inLog file: URL) throws -> [LogPoint] {
    let text: String
    do {
      text = try String(contentsOf: file, encoding: .utf8)
    } catch {
      throw ReportError.unreadableLog(
        file: file.path, line: nil, why: error.localizedDescription)
    }
    return try text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
      .compactMap { index, line in
        try line.isEmpty ? nil : point(inLine: Data(line.utf8), number: index + 1, of: file)
      }
  }

  private static func point(inLine line: Data, number: Int, of file: URL) throws -> LogPoint? {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    if (try? decoder.decode(Event.self, from: line)) != nil { return nil }
    guard let point = try? decoder.decode(LogPoint.self, from: line) else {
      throw ReportError.unreadableLog(
        file: file.path, line: number, why: "neither a logged step nor an event")
    }
    return point
  }

  private struct Event: Decodable {
    var event: String
  }
}
