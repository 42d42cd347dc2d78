import Files
import Foundation

/// `log.jsonl` of a run: one JSON object a line, flushed as it is written.
public struct RunLog {
  private let file: AppendedFile
  private let encoder: JSONEncoder
  /// The last step in it when it was opened; nil if none.
  public let lastStep: Int?

  /// Opens the log to append.
  ///
  /// - Parameters:
  ///   - url: The log, `log.jsonl`.
  ///   - step: Where a resumed run goes on: lines of later steps, which the interrupted run
  ///     had still written, are dropped, and so are partial ones. At 0 the log begins anew.
  /// - Throws: `FileError`; `RunError.log` if a line of it is damaged.
  public init(_ url: URL, resumingAt step: Int = 0) throws {
    encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let kept = step > 0 ? try Self.lines(of: url).filter { $0.step <= step && !$0.isPartial } : []
    lastStep = kept.last { !$0.isEvent }?.step
    try AtomicFile.write(Data(kept.map { $0.text + "\n" }.joined().utf8), to: url)
    file = try AppendedFile(url)
  }

  /// Appends a step or an event. On a full disk the line waits for the next one, or for `flush`.
  /// - Throws: `FileError`.
  public func write(_ record: some Encodable) throws {
    try file.append(encoder.encode(record) + Data("\n".utf8))
  }

  /// Brings all lines to the disk, before a checkpoint that goes on after them.
  /// - Throws: `FileError`, also if the disk is full.
  public func flush() throws { try file.flush() }

  /// The steps of a log, in order; events are passed over. None if there is no log.
  /// - Throws: `RunError.log` if a line is damaged; `FileError` if the log cannot be read.
  public static func steps(of url: URL) throws -> [StepRecord] {
    try steps(of: lines(of: url), in: url)
  }

  /// The last steps of a log, in order, read from the end of the file: a log of weeks is long.
  /// - Throws: As `steps(of:)`; damage of earlier lines is not noticed.
  static func lastSteps(_ count: Int, of url: URL) throws -> [StepRecord] {
    let end = try Presence.lastLines(of: url, bytes: 16_384 * count) ?? Data()
    do {
      return try steps(of: lines(end, of: url), in: url).suffix(count)
    } catch {
      // With the number of the line.
      return try steps(of: url).suffix(count)
    }
  }

  /// What happened beside the steps, in order. Nothing if there is no log.
  /// - Throws: As `steps(of:)`.
  public static func events(of url: URL) throws -> [EventRecord] {
    try lines(of: url).filter(\.isEvent).map { try decoded($0, of: url) }
  }

  /// Gives a log another name, `log-1.jsonl` or the next that is free, so that another can begin.
  /// - Returns: That name.
  /// - Throws: `FileError`.
  static func setAside(_ url: URL) throws -> String {
    var number = 1
    var other = url
    repeat {
      other = url.deletingLastPathComponent().appendingPathComponent("log-\(number).jsonl")
      number += 1
    } while try Presence.kind(of: other.path) != nil
    guard rename(url.path, other.path) == 0 else { throw FileError.writing(other.path) }
    return other.lastPathComponent
  }
}

extension RunLog {
  private struct Line {
    var number: Int
    var text: String
    var step: Int
    var isEvent: Bool
    var isPartial: Bool
  }

  private struct Start: Decodable {
    var step: Int
    var event: String?
    var isPartial: Bool?
  }

  /// Whole lines with their step. A last line without an end was cut off by a crash and is dropped.
  private static func lines(of url: URL) throws -> [Line] {
    try lines(Presence.content(of: url) ?? Data(), of: url)
  }

  private static func lines(_ data: Data, of url: URL) throws -> [Line] {
    let lines = data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    return try lines.dropLast().enumerated().compactMap { index, bytes in
      guard !bytes.isEmpty else { return nil }
      guard let start = try? JSONDecoder().decode(Start.self, from: Data(bytes)) else {
        throw RunError.log(url.path, line: index + 1)
      }
      return Line(
        number: index + 1, text: String(decoding: bytes, as: UTF8.self), step: start.step,
        isEvent: start.event != nil, isPartial: start.isPartial == true)
    }
  }

  private static func steps(of lines: [Line], in url: URL) throws -> [StepRecord] {
    try lines.filter { !$0.isEvent }.map { try decoded($0, of: url) }
  }

  private static func decoded<Record: Decodable>(_ line: Line, of url: URL) throws -> Record {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    do {
      return try decoder.decode(Record.self, from: Data(line.text.utf8))
    } catch {
      throw RunError.log(url.path, line: line.number)
    }
  }
}
