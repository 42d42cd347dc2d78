/// Paths of our modules and what another program calls them, part by part; a number in braces, `{i}`, stands for
/// itself. A path has at most one number.
package struct NameTable: Sendable {
  private let byPattern: [String: String]

  /// - Traps when: one of ours occurs twice.
  package init(_ parts: [(ours: String, theirs: String)]) {
    byPattern = Dictionary(uniqueKeysWithValues: parts.map { ($0.ours, $0.theirs) })
  }

  /// Their name of one of our tensors: that of the longest part that is in the table, and what follows it.
  ///
  /// - Returns: nil if no part of the path is in the table.
  package func foreignName(of path: String) -> String? {
    let parts = path.split(separator: ".").map(String.init)
    let number = parts.first { Int($0) != nil }
    let pattern = parts.map { $0 == number ? "{i}" : $0 }
    for count in stride(from: parts.count, to: 0, by: -1) {
      guard let theirs = byPattern[pattern.prefix(count).joined(separator: ".")] else { continue }
      let name = ([theirs] + pattern.dropFirst(count)).joined(separator: ".")
      return name.replacing("{i}", with: number ?? "")
    }
    return nil
  }
}
