import Audio
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
    let lines = (0..<Int.random(in: 0..<4, using: &stream)).map { _ in line(&stream) }
    let end = ["\n", "\n", "\r\n", "\r", "\u{2028}", "\n\n"].randomElement(using: &stream)!
    let mark = stream.isOdd(onceIn: 6) ? "\u{FEFF}" : ""
    return Array((mark + lines.joined(separator: end) + end).utf8)
  }

  private static func line(_ stream: inout RandomStream) -> String {
    var fields = [
      "file": text(&stream), "seconds": number(&stream), "tempo": number(&stream),
      "key": "{\"tonic\":\(number(&stream)),\"mode\":\"major\"}",
      "beats": list(&stream) { number(&$0) }, "downbeats": list(&stream) { number(&$0) },
      "chords": list(&stream) { stream in
        "{\"start\":\(number(&stream)),\"end\":\(number(&stream)),\"root\":\(number(&stream)),"
          + "\"quality\":\"maj\"}"
      },
      "notes": list(&stream) { stream in
        "{\"start\":\(number(&stream)),\"end\":\(number(&stream)),\"pitch\":\(number(&stream)),"
          + "\"instrument\":\"organ\",\"part\":\"melody\"}"
      },
      "instruments": "{\"drums\":\"kit\"}",
    ]
    if stream.isOdd(onceIn: 8) { fields[fields.keys.sorted()[4]] = nil }
    if stream.isOdd(onceIn: 8) { fields["more"] = text(&stream) }
    if stream.isOdd(onceIn: 10) { fields["key"] = number(&stream) }
    var pairs = fields.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }
    if stream.isOdd(onceIn: 10) { pairs.append(pairs[0]) }
    let depth = stream.isOdd(onceIn: 40) ? [10, 1000, 100_000].randomElement(using: &stream)! : 0
    return String(repeating: "[", count: depth) + "{" + pairs.joined(separator: ",") + "}"
      + String(repeating: "]", count: depth)
  }

  private static func list(
    _ stream: inout RandomStream, _ item: (inout RandomStream) -> String
  ) -> String {
    let count = stream.isOdd(onceIn: 50) ? 2000 : Int.random(in: 0..<4, using: &stream)
    return "[" + (0..<count).map { _ in item(&stream) }.joined(separator: ",") + "]"
  }

  private static func number(_ stream: inout RandomStream) -> String {
    guard stream.isOdd(onceIn: 60) else { return "\(Int.random(in: 0..<12, using: &stream))" }
    return [
      "-1", "1e999", "-0", "9223372036854775807", "9223372036854775808", "1e-400", "0.1", "NaN",
      "null",
      "\"1\"", "1e308", "-1e308", "1.7976931348623157e308", "[]",
    ].randomElement(using: &stream)!
  }

  private static func text(_ stream: inout RandomStream) -> String {
    guard stream.isOdd(onceIn: 4) else { return "\"piece.wav\"" }
    return [
      "\"\"", "\"../../x\"", "\"é\"", "\"e\u{301}\"", "\"\\ud800\"", "\"\\u0000\"",
      "\"a\u{2028}b\"", "1",
      "\"\(String(repeating: "a", count: 3000))\"",
    ].randomElement(using: &stream)!
  }
}
