import Foundation
import Testing

/// The repository's folder.
public let repositoryFolder = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

/// Checks that what a document shows as Swift is compiled: every line of its blocks of code stands in the
/// test's own source.
///
/// - Parameters:
///   - document: Its path in the repository.
///   - blocks: How many blocks of Swift it has.
///   - source: The file that compiles them.
public func expectCompiled(
  _ document: String, blocks: Int, in source: String = #filePath,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let compiled = try String(contentsOfFile: source, encoding: .utf8)
    .split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
  let text = try String(contentsOf: repositoryFolder.appending(path: document), encoding: .utf8)
  let shown = text.components(separatedBy: "```swift\n").dropFirst()
    .map { $0.components(separatedBy: "```")[0] }
  #expect(shown.count == blocks, "\(document)", sourceLocation: sourceLocation)
  for line in shown.flatMap({ $0.split(separator: "\n") }) {
    #expect(
      compiled.contains(line.trimmingCharacters(in: .whitespaces)),
      "\(document): no test compiles '\(line)'", sourceLocation: sourceLocation)
  }
}
