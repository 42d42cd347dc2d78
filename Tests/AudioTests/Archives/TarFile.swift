import Foundation

/// Writes tar files for tests, byte by byte as POSIX describes them.
struct TarFile {
  private(set) var bytes: [UInt8] = []

  /// How a member's name is written.
  enum Naming: CaseIterable {
    case short, prefix, pax, gnu
  }

  /// Adds a member.
  mutating func add(
    _ name: String, _ content: [UInt8], _ naming: Naming = .short, type: String = "0"
  ) {
    switch naming {
    case .short: header(name, size: content.count, type: type)
    case .prefix:
      let slash = name.lastIndex(of: "/")!
      header(
        String(name[name.index(after: slash)...]), size: content.count, type: type,
        prefix: String(name[..<slash]))
    case .pax:
      paxRecords(["path": name, "mtime": "1.5", "size": "\(content.count)"])
      // The size of the header is that of a program which cannot hold it.
      header("cut", size: 0, type: type)
    case .gnu:
      header("././@LongLink", size: name.utf8.count + 1, type: "L")
      append(Array(name.utf8) + [0])
      header("cut", size: content.count, type: type, magic: "ustar  \0")
    }
    append(content)
  }

  /// Adds the two blocks of zeros.
  mutating func end() { bytes += [UInt8](repeating: 0, count: 1024) }

  mutating func paxRecords(_ values: [String: String]) {
    let records = values.sorted { $0.key < $1.key }.map { key, value in
      let rest = " \(key)=\(value)\n"
      var length = rest.utf8.count + 1
      while "\(length)".utf8.count + rest.utf8.count != length { length += 1 }
      return "\(length)\(rest)"
    }.joined()
    header("pax", size: records.utf8.count, type: "x")
    append(Array(records.utf8))
  }

  mutating func header(
    _ name: String, size: Int, type: String, prefix: String = "", magic: String = "ustar\u{0}00",
    sizeField: [UInt8]? = nil
  ) {
    var block = [UInt8](repeating: 0, count: 512)
    func put(_ text: some Collection<UInt8>, at offset: Int) {
      block.replaceSubrange(offset..<offset + text.count, with: text)
    }
    put(Array(name.utf8), at: 0)
    put(Array("0000644\u{0}0000000\u{0}0000000\u{0}".utf8), at: 100)
    let octal = String(size, radix: 8)
    put(
      sizeField ?? Array((String(repeating: "0", count: 11 - octal.count) + octal + "\0").utf8),
      at: 124)
    put(Array("14000000000\u{0}".utf8), at: 136)
    put(Array("        ".utf8), at: 148)
    put(Array(type.utf8), at: 156)
    put(Array(magic.utf8), at: 257)
    put(Array(prefix.utf8), at: 345)
    let sum = String(block.reduce(0) { $0 + Int($1) }, radix: 8)
    put(Array((String(repeating: "0", count: 6 - sum.count) + sum + "\0 ").utf8), at: 148)
    bytes += block
  }

  private mutating func append(_ content: [UInt8]) {
    bytes += content + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
  }
}
