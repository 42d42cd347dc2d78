import Audio
import Corpus
import Foundation
import Pretrain
import Tensor

extension FuzzTarget {
  /// Lines of `labels.jsonl` with odd values, keys, line ends and marks, and the classes of their frames.
  static let labels = FuzzTarget("labels", file: "labels.jsonl", bytes: labelLines) { path in
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
    for piece in try CorpusLabels.read(folder) {
      for label in KnownLabel.allCases {
        _ = label.classes(of: piece, frames: 100, rate: LabelRate(sampleRate: 8000, hop: 320))
      }
    }
  }

  @Sendable private static func labelLines(_ stream: inout RandomStream) -> [UInt8] {
    let lines = (0..<Int.random(in: 0..<4, using: &stream)).map { line($0, &stream) }
    let end = stream.one(of: ["\n", "\n", "\n", "\r\n", "\r\n", "\n\n", "\r", "\u{2028}"])
    let mark = stream.once(in: 6) ? "\u{FEFF}" : ""
    return Array((mark + lines.joined(separator: end) + end).utf8)
  }

  /// A piece of 12 seconds.
  private static func line(_ number: Int, _ stream: inout RandomStream) -> String {
    var fields = [
      "file": text(&stream, or: "piece-\(number).wav"), "seconds": value(&stream, or: "12"),
      "tempo": value(&stream, or: "90.5"),
      "key": "{\"tonic\":\(value(&stream, or: "11")),\"mode\":\"major\"}",
      "beats": list(times(&stream)), "downbeats": list(times(&stream)),
      "chords": spans(&stream) { stream in
        "\"root\":\(value(&stream, or: "7")),\"quality\":\"maj\""
      },
      "notes": spans(&stream) { stream in
        "\"pitch\":\(value(&stream, or: "60")),\"instrument\":\"organ\",\"part\":\"melody\""
      },
      "instruments": "{\"drums\":\"kit\"}",
    ]
    if stream.once(in: 20) { fields[fields.keys.sorted()[4]] = nil }
    if stream.once(in: 8) { fields["more"] = text(&stream, or: "") }
    if stream.once(in: 20) { fields["key"] = value(&stream, or: "3") }
    var pairs = fields.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }
    if stream.once(in: 20) { pairs.append(pairs[0]) }
    let depth = stream.once(in: 40) ? stream.one(of: [10, 1000, 100_000]) : 0
    return String(repeating: "[", count: depth) + "{" + pairs.joined(separator: ",") + "}"
      + String(repeating: "]", count: depth)
  }

  private static func list(_ items: [String]) -> String {
    "[" + items.joined(separator: ",") + "]"
  }

  /// Times in order inside the piece.
  private static func times(_ stream: inout RandomStream) -> [String] {
    let count = stream.once(in: 50) ? 2000 : Int.random(in: 0..<5, using: &stream)
    return (0..<count).map { value(&stream, or: "\(12 * Double($0) / Double(count))") }
  }

  /// Objects from each time to the next one.
  private static func spans(
    _ stream: inout RandomStream, _ fields: (inout RandomStream) -> String
  ) -> String {
    let times = times(&stream)
    return list(
      zip(times, times.dropFirst()).map { start, end in
        "{\"start\":\(start),\"end\":\(end),\(fields(&stream))}"
      })
  }

  /// A number, now and then an odd one.
  private static func value(_ stream: inout RandomStream, or plain: String) -> String {
    guard stream.once(in: 100) else { return plain }
    return stream.one(of: [
      "-1", "1e999", "-0", "9223372036854775807", "9223372036854775808", "1e-400", "0.1", "NaN",
      "null", "\"1\"", "1e308", "-1e308", "1.7976931348623157e308", "[]",
    ])
  }

  /// A text, now and then an odd one.
  private static func text(_ stream: inout RandomStream, or plain: String) -> String {
    guard stream.once(in: 8) else { return "\"\(plain)\"" }
    return stream.one(of: [
      "\"\"", "\"../../x\"", "\"é\"", "\"e\u{301}\"", "\"\\ud800\"", "\"\\u0000\"",
      "\"a\u{2028}b\"", "1", "\"\(String(repeating: "a", count: 3000))\"",
    ])
  }
}
