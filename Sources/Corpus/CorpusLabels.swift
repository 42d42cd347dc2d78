import Audio
import Files
import Foundation
import Tensor

/// The labels of one piece: a line of `labels.jsonl`. Times are in seconds from its first sample.
public struct PieceLabels: Codable, Sendable, Equatable {
  /// A chord with its start and end.
  public struct Chord: Codable, Sendable, Equatable {
    /// Seconds.
    public var start: Double
    /// Seconds.
    public var end: Double
    /// Pitch class of the root, 0 = C.
    public var root: Int
    /// The kind of chord.
    public var quality: ChordQuality
  }

  /// A note with its instrument and part.
  public struct Note: Codable, Sendable, Equatable {
    /// Seconds.
    public var start: Double
    /// Seconds; the release, after which the sound may continue.
    public var end: Double
    /// MIDI number, 69 = A4 = 440 Hz.
    public var pitch: Int
    /// The instrument.
    public var instrument: Instrument
    /// The part.
    public var part: Part
  }

  /// A section with its start and end.
  public struct Section: Codable, Sendable, Equatable {
    /// Seconds.
    public var start: Double
    /// Seconds.
    public var end: Double
    /// `A`, `B`, `C`; sections of one letter share chords, motifs and accompaniment.
    public var name: String
  }

  /// The name of the wav file beside the labels.
  public var file: String
  /// The length of the piece, seconds.
  public var seconds: Double
  /// Beats per minute.
  public var tempo: Double
  /// The key of the whole piece.
  public var key: MusicalKey
  /// Chords that cover the piece without a gap.
  public var chords: [Chord]
  /// The beats within the piece, seconds.
  public var beats: [Double]
  /// The beats that start a bar, seconds.
  public var downbeats: [Double]
  /// The notes of the pitched parts, sorted by onset.
  public var notes: [Note]
  /// The instrument of each part; that of `drums` is `kit`.
  public var instruments: [String: String]
  /// Sections that cover the piece without a gap; nil if they are not known.
  public var sections: [Section]?
  /// The deviation of A4 from 440 Hz, cents; nil if it is not known.
  public var tuning: Double?
}

extension PieceLabels {
  /// The labels of a performance, limited to the piece.
  init(file: String, _ performance: Performance) {
    let score = performance.score
    let seconds = Double(score.seconds)
    let beats = (0..<score.beats).map { ($0, rounded(score.time(ofBeat: Float($0)))) }
      .filter { $0.1 >= 0 && $0.1 < seconds }
    self.init(
      file: file, seconds: seconds, tempo: rounded(score.tempo), key: score.key,
      chords: PieceLabels.chords(of: score, seconds: seconds), beats: beats.map(\.1),
      downbeats: beats.filter { $0.0 % score.meter.beats == 0 }.map(\.1),
      notes: PieceLabels.audible(performance.notes, seconds: seconds),
      instruments: PieceLabels.instruments(of: score),
      sections: PieceLabels.sections(of: score, seconds: seconds),
      tuning: rounded(performance.tuning))
  }

  private static func sections(of score: Score, seconds: Double) -> [Section] {
    func time(ofBar bar: Int) -> Double {
      min(seconds, max(0, rounded(score.time(ofBeat: Float(bar * score.meter.beats)))))
    }
    let sections = score.form.sections.map { section in
      Section(
        start: time(ofBar: section.bars.lowerBound), end: time(ofBar: section.bars.upperBound),
        name: String(UnicodeScalar(UInt8(ascii: "A") + UInt8(section.letter))))
    }
    return sections.filter { $0.start < $0.end }
  }

  private static func chords(of score: Score, seconds: Double) -> [Chord] {
    score.spans.enumerated().compactMap { i, span in
      let isLast = i == score.spans.count - 1
      let start = max(0, rounded(score.time(ofBeat: Float(span.start))))
      let end = isLast ? seconds : min(seconds, rounded(score.time(ofBeat: Float(span.end))))
      guard start < end else { return nil }
      return Chord(start: start, end: end, root: span.chord.root, quality: span.chord.quality)
    }
  }

  /// The notes of which at least 0.05 s is within the piece.
  private static func audible(_ notes: [Performance.Note], seconds: Double) -> [Note] {
    notes.compactMap { note -> Note? in
      let (start, end) = (max(0, rounded(note.start)), min(seconds, rounded(note.end)))
      guard end - start >= 0.05 else { return nil }
      return Note(
        start: start, end: end, pitch: note.pitch, instrument: note.instrument, part: note.part)
    }
    .sorted { ($0.start, $0.pitch, $0.part.rawValue) < ($1.start, $1.pitch, $1.part.rawValue) }
  }

  private static func instruments(of score: Score) -> [String: String] {
    var names = score.hits.isEmpty ? [:] : [Part.drums.rawValue: "kit"]
    for part in score.parts { names[part.part.rawValue] = part.instrument.rawValue }
    return names
  }
}

/// Rounds to 0.1 ms, enough precision for a label.
private func rounded(_ value: Float) -> Double { (Double(value) * 10_000).rounded() / 10_000 }

/// Reads the labels of a rendered corpus.
public enum CorpusLabels {
  /// The name of the label file in a corpus folder.
  public static let fileName = "labels.jsonl"

  /// - Parameter folder: A folder that `etude synth` wrote.
  /// - Returns: One element per piece, in the order of the file.
  /// - Throws: `CorpusError` with the file, and the line if it is malformed, contradicts itself or
  ///   names the audio file of an earlier line.
  public static func read(_ folder: URL) throws -> [PieceLabels] {
    try read(file: folder.appending(path: fileName))
  }

  /// - Parameter file: Lines as those of `labels.jsonl`, under any name. The paths in them begin in its folder.
  /// - Returns: One element per piece, in the order of the file.
  /// - Throws: As that of a folder.
  public static func read(file: URL) throws -> [PieceLabels] {
    let lines = try bytes(of: file.path).withoutMark
      .split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
    let labels = try lines.filter { !$0.element.allSatisfy(isBlank) }.map { number, line in
      (line: number + 1, piece: try piece(Data(line), number: number + 1, of: file))
    }
    guard !labels.isEmpty else { throw CorpusError.noLabels(file: file.path) }
    try checkForRepeats(labels, in: file)
    return labels.map(\.piece)
  }

  private static func piece(_ line: Data, number: Int, of file: URL) throws -> PieceLabels {
    do {
      let piece = try JSONDecoder().decode(PieceLabels.self, from: line)
      guard let contradiction = piece.contradiction else { return piece }
      throw CorpusError.malformed(file: file.path, line: number, reason: contradiction)
    } catch let error as DecodingError {
      throw CorpusError.malformed(file: file.path, line: number, reason: reason(of: error))
    }
  }

  /// A piece that is listed twice could be in both the training and the test set.
  private static func checkForRepeats(
    _ labels: [(line: Int, piece: PieceLabels)], in file: URL
  ) throws {
    var lines: [String: Int] = [:]
    for (line, piece) in labels {
      let path = file.deletingLastPathComponent().appending(path: piece.file)
        .standardizedFileURL.resolvingSymlinksInPath().path
      if let first = lines.updateValue(line, forKey: path) {
        throw CorpusError.repeated(
          file: file.path, line: line, name: piece.file, first: first)
      }
    }
  }

  private static func bytes(of path: String) throws(CorpusError) -> [UInt8] {
    do {
      let file = try OpenFile(path)
      return try file.bytes(at: 0, count: file.count)
    } catch .missing {
      throw .noLabels(file: path)
    } catch {
      throw .unreadable(file: path, reason: error.reason)
    }
  }

  /// A blank, a tab, or the carriage return of a Windows line end.
  private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 13 }

  /// Writes one JSON object per line, with keys in alphabetical order.
  static func write(_ labels: [PieceLabels], to folder: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var data = Data()
    for piece in labels {
      data.append(try encoder.encode(piece))
      data.append(UInt8(ascii: "\n"))
    }
    try AtomicFile.write(data, to: folder.appending(path: fileName))
  }

  private static func reason(of error: any Error) -> String {
    guard let error = error as? DecodingError else { return "\(error)" }
    func path(_ context: DecodingError.Context, _ key: (any CodingKey)? = nil) -> String {
      (context.codingPath + (key.map { [$0] } ?? [])).map {
        $0.intValue.map { "[\($0)]" } ?? $0.stringValue
      }.joined(separator: ".")
    }
    switch error {
    case .keyNotFound(let key, let context): return "\(path(context, key)) is missing"
    case .typeMismatch(let type, let context): return "\(path(context)) is not a \(type)"
    case .valueNotFound(_, let context): return "\(path(context)) is null"
    case .dataCorrupted(let context) where context.codingPath.isEmpty: return "not a JSON object"
    case .dataCorrupted(let context): return "\(path(context)) has an unknown value"
    @unknown default: return "not the labels of a piece"
    }
  }
}
