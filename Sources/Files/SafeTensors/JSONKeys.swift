import Foundation

/// Finds duplicate keys in JSON. Foundation's decoder accepts them, so two readers of a file could
/// see different contents.
package enum JSONKeys {
  /// The first duplicate key in JSON, at any depth; nil if there is none or the text is not JSON.
  ///
  /// - Parameter spelling: Maps keys of the outermost object that have the same meaning to the same
  ///   text.
  package static func firstDuplicate(
    in json: Data, spelledAlike spelling: @escaping (String) -> String = { $0 }
  ) -> String? {
    // Foundation also reads UTF-16; UTF-8 has no byte of 0 in JSON.
    guard !json.contains(0), (try? JSONSerialization.jsonObject(with: json)) != nil else {
      return nil
    }
    var scanner = Scanner(bytes: [UInt8](json), spelling: spelling)
    return scanner.firstDuplicate()
  }

  private struct Scanner {
    let bytes: [UInt8]
    let spelling: (String) -> String
    var position = 0
    /// The keys found so far in each open object; nil for an open array.
    var open: [Set<String>?] = []

    init(bytes: [UInt8], spelling: @escaping (String) -> String) {
      (self.bytes, self.spelling) = (bytes, spelling)
    }

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

    /// The string whose opening quote was just read, with escapes resolved.
    private mutating func restOfString() -> String {
      let start = position - 1
      var isPlain = true
      while bytes[position] != UInt8(ascii: "\"") {
        let isEscape = bytes[position] == UInt8(ascii: "\\")
        isPlain = isPlain && !isEscape
        position += isEscape ? 2 : 1
      }
      position += 1
      if isPlain { return String(decoding: bytes[start + 1..<position - 1], as: UTF8.self) }
      let quoted = Data(bytes[start..<position])
      return (try? JSONDecoder().decode(String.self, from: quoted)) ?? ""
    }

    /// Whether the string just read is followed by a colon.
    private func isKey() -> Bool {
      let blanks: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D]
      return bytes[position...].first { !blanks.contains($0) } == UInt8(ascii: ":")
    }

    private mutating func insert(_ key: String) -> Bool {
      let key = open.count == 1 ? spelling(key) : key
      return open[open.count - 1]?.insert(key).inserted ?? true
    }
  }
}
