import Foundation

/// Finds keys that a JSON object has twice, which Foundation's decoder lets pass: two readers of
/// such a file may see different contents.
enum JSONKeys {
  /// The first repeated key in well-formed JSON, at any depth.
  static func firstDuplicate(in json: Data) -> String? {
    var scanner = Scanner(bytes: [UInt8](json))
    return scanner.firstDuplicate()
  }

  private struct Scanner {
    let bytes: [UInt8]
    var position = 0
    /// The keys so far of each open object; nil for an open array.
    var open: [Set<String>?] = []

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func firstDuplicate() -> String? {
      while position < bytes.count {
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "{"): open.append([])
        case UInt8(ascii: "["): open.append(nil)
        case UInt8(ascii: "}"), UInt8(ascii: "]"): open.removeLast()
        case UInt8(ascii: "\""):
          let text = restOfString()
          if isKey(), !insert(text) { return text }
        default: break
        }
      }
      return nil
    }

    /// The string whose opening quote has just been read, escapes resolved.
    private mutating func restOfString() -> String {
      let start = position - 1
      while bytes[position] != UInt8(ascii: "\"") {
        position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
      }
      position += 1
      let quoted = Data(bytes[start..<position])
      return (try? JSONDecoder().decode(String.self, from: quoted)) ?? ""
    }

    /// Whether the string just read is followed by a colon.
    private func isKey() -> Bool {
      let blanks: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D]
      return bytes[position...].first { !blanks.contains($0) } == UInt8(ascii: ":")
    }

    private mutating func insert(_ key: String) -> Bool {
      open[open.count - 1]?.insert(key).inserted ?? true
    }
  }
}
