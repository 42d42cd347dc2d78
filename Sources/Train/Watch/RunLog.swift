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
  ///   - awaitingValidation: Whether that step is validated anew: what validations and probes found of it is dropped.
  /// - Throws: `FileError`; `RunError.log` if a line of it is damaged.
  public init(_ url: URL, resumingAt step: Int = 0, awaitingValidation: Bool = false) throws {
    encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let former = step > 0 ? try Self.lines(of: url) : []
    let kept = former.filter {
      $0.step <= step && !$0.isPartial && !(awaitingValidation && $0.isMeasured(after: step))
    }
    lastStep = kept.last { $0.kind == .step }?.step
    try AtomicFile.write(Data(kept.map { $0.text + "\n" }.joined().utf8), to: url)
    file = try AppendedFile(url)
  }

  /// Appends a step, a validation, a probe or an event. What cannot be written waits for the next line, or for `flush`.
  /// - Throws: What encoding it throws.
  public func write(_ record: some Encodable) throws {
    try file.append(encoder.encode(record) + Data("\n".utf8))
  }

  /// Brings all lines to the disk, before a checkpoint that goes on after them.
  /// - Throws: `FileError`.
  public func flush() throws { try file.flush() }

  /// The steps of a log, in order; all else is passed over. None if there is no log.
  /// - Throws: `RunError.log` if a line is damaged; `FileError` if the log cannot be read.
  public static func steps(of url: URL) throws -> [StepRecord] {
    try records(.step, of: url)
  }

  /// The last records of a log.
  struct End {
    /// The last steps, in order.
    let steps: [StepRecord]
    /// The last validation; nil if there is none.
    let validation: ValidationRecord?
  }

  /// The last records of a log, read from the last MiB of the file: a log of weeks is long.
  ///
  /// - Parameter count: How many steps.
  /// - Throws: As `steps(of:)`; damage of earlier lines is not noticed.
  static func end(of url: URL, steps count: Int) throws -> End {
    let end = try Presence.lastLines(of: url, bytes: 1 << 20) ?? Data()
    do {
      return try self.end(of: lines(end, of: url), steps: count, in: url)
    } catch {
      // With the number of the line.
      return try self.end(of: lines(of: url), steps: count, in: url)
    }
  }

  private static func end(of lines: [Line], steps count: Int, in url: URL) throws -> End {
    let steps = lines.filter { $0.kind == .step }.suffix(count)
    let validations: [ValidationRecord] = try records(.validation, in: lines, of: url)
    return End(
      steps: try records(.step, in: Array(steps), of: url), validation: validations.last)
  }

  /// The validations of a log, in order. None if there is no log.
  /// - Throws: As `steps(of:)`.
  public static func validations(of url: URL) throws -> [ValidationRecord] {
    try records(.validation, of: url)
  }

  /// The probes of a log, in order. None if there is no log.
  /// - Throws: As `steps(of:)`.
  public static func probes(of url: URL) throws -> [ProbeRecord] { try records(.probe, of: url) }

  /// What happened beside the steps, in order. Nothing if there is no log.
  /// - Throws: As `steps(of:)`.
  public static func events(of url: URL) throws -> [EventRecord] {
    try records(.event, of: url)
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
    var kind: Kind
    var isPartial: Bool

    /// Whether it is a validation or probe after this step.
    func isMeasured(after last: Int) -> Bool {
      step == last && (kind == .validation || kind == .probe)
    }
  }

  /// What a line records. All but a step have a key of this name.
  private enum Kind: CodingKey {
    case step, event, validation, probe
  }

  private struct Start: Decodable {
    var step: Int
    var kind: Kind
    var isPartial: Bool

    private enum Key: CodingKey { case isPartial }

    init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: Kind.self)
      step = try values.decode(Int.self, forKey: .step)
      kind = [.event, .validation, .probe].first { values.contains($0) } ?? .step
      let marks = try decoder.container(keyedBy: Key.self)
      isPartial = try marks.decodeIfPresent(Bool.self, forKey: .isPartial) ?? false
    }
  }

  /// Whole lines with their step. A last line without an end was cut off by a crash and is dropped.
  private static func lines(of url: URL) throws -> [Line] {
    try lines(Presence.content(of: url) ?? Data(), of: url)
  }

  private static func lines(_ data: Data, of url: URL) throws -> [Line] {
    let lines = data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    return try lines.dropLast().enumerated().compactMap { index, bytes in
      guard !bytes.isEmpty else { return nil }
      guard let start = try? JSONDecoder().decode(Start.self, from: Data(bytes)),
        (0...1_000_000_000_000).contains(start.step)
      else {
        throw RunError.log(url.path, line: index + 1)
      }
      return Line(
        number: index + 1, text: String(decoding: bytes, as: UTF8.self), step: start.step,
        kind: start.kind, isPartial: start.isPartial)
    }
  }

  private static func records<Record: Decodable>(_ kind: Kind, of url: URL) throws -> [Record] {
    try records(kind, in: lines(of: url), of: url)
  }

  private static func records<Record: Decodable>(
    _ kind: Kind, in lines: [Line], of url: URL
  ) throws -> [Record] {
    try lines.filter { $0.kind == kind }.map { try decoded($0, of: url) }
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
