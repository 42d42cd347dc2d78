/// A ZIP file of members that are stored as they are.
struct OddArchive {
  private(set) var bytes: [UInt8] = []

  init(_ members: [(name: String, content: [UInt8])]) {
    var directory: [UInt8] = []
    for (name, content) in members {
      let fields =
        number(10, 2) + number(0, 8) + number(0, 4) + number(content.count, 4)
        + number(content.count, 4) + number(name.utf8.count, 2) + number(0, 2)
      directory += [0x50, 0x4B, 1, 2, 10, 0] + fields + number(0, 10) + number(bytes.count, 4)
      directory += Array(name.utf8)
      bytes += [0x50, 0x4B, 3, 4] + fields + Array(name.utf8) + content
    }
    let start = bytes.count
    bytes += directory
    bytes +=
      [0x50, 0x4B, 5, 6] + number(0, 4) + number(members.count, 2) + number(members.count, 2)
    bytes += number(directory.count, 4) + number(start, 4) + number(0, 2)
  }
}

/// Little-endian.
private func number(_ value: Int, _ bytes: Int) -> [UInt8] {
  (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}
