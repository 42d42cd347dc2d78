/// Paths of our modules and what another program calls them, part by part. A path has at most two numbers; `{i}` and
/// `{j}` stand for them.
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
    let numbers = zip(["{i}", "{j}"], parts.indices.filter { Int(parts[$0]) != nil })
    var pattern = parts
    for (name, place) in numbers { pattern[place] = name }
    for count in stride(from: parts.count, to: 0, by: -1) {
      guard let theirs = byPattern[pattern.prefix(count).joined(separator: ".")] else { continue }
      return numbers.reduce(([theirs] + pattern.dropFirst(count)).joined(separator: ".")) {
        $0.replacing($1.0, with: parts[$1.1])
      }
    }
    return nil
  }
}
