import Foundation

/// File names as text.
///
/// A name on disk is a sequence of bytes, and a folder from an old system may have names in
/// Latin-1. In the text each byte that is not valid UTF-8 is written as `\x` and two hexadecimal
/// digits: `caf\xE9.wav`. If no file has the name as written, such escapes are read as bytes.
public enum FileName {
  /// The text of a name.
  public static func text(_ name: some Collection<UInt8>) -> String {
    if let text = String(validating: name, as: UTF8.self) { return text }
    var (text, rest) = ("", Array(name)[...])
    while let byte = rest.first {
      // A character of UTF-8 has up to four bytes.
      let character = (1...4).lazy.compactMap { String(validating: rest.prefix($0), as: UTF8.self) }
        .first { !$0.isEmpty }
      text += character ?? "\\x" + String(byte, radix: 16, uppercase: true)
      rest = rest.dropFirst(character?.utf8.count ?? 1)
    }
    return text
  }

  /// The command-line arguments, the program's name first, with file names as text.
  public static var arguments: [String] {
    (0..<Int(CommandLine.argc)).compactMap { number in
      CommandLine.unsafeArgv[number].map { word in
        let count = strlen(word)
        return word.withMemoryRebound(to: UInt8.self, capacity: count) {
          text(UnsafeBufferPointer(start: $0, count: count))
        }
      }
    }
  }

  /// The path for the system: the text itself, or, if no file is there, the bytes of its escapes.
  static func systemPath(_ path: String) -> [CChar] {
    let literal = Array(path.utf8CString)
    var status = stat()
    guard lstat(literal, &status) != 0, let bytes = unescaped(path) else { return literal }
    return bytes.map { CChar(bitPattern: $0) } + [0]
  }

  /// The bytes of a path with escapes; nil if it has none.
  private static func unescaped(_ path: String) -> [UInt8]? {
    guard path.utf8.contains(UInt8(ascii: "\\")) else { return nil }
    var (bytes, rest, isChanged) = ([UInt8](), Array(path.utf8)[...], false)
    while let byte = rest.first {
      if let escaped = escapedByte(rest.prefix(4)) {
        (isChanged, rest) = (true, rest.dropFirst(4))
        bytes.append(escaped)
      } else {
        rest = rest.dropFirst()
        bytes.append(byte)
      }
    }
    return isChanged ? bytes : nil
  }

  /// The byte of an escape such as `\xE9`; nil for ASCII bytes, which are never escaped.
  private static func escapedByte(_ text: ArraySlice<UInt8>) -> UInt8? {
    let mark = [UInt8(ascii: "\\"), UInt8(ascii: "x")]
    guard text.count == 4, text.starts(with: mark) else { return nil }
    let byte = UInt8(String(decoding: text.suffix(2), as: UTF8.self), radix: 16)
    return byte.flatMap { $0 >= 0x80 ? $0 : nil }
  }
}
