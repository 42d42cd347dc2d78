import Foundation
import Settings

/// Reads what the `///` above properties, constants and enum cases say, line by line, which is how this code is laid out.
struct SourceComments {
  /// By the full name of the type, then by the name in it.
  private(set) var types: [String: [String: String]] = [:]
  /// The types around the line, each with the depth of braces outside it.
  private var around: [(name: String, depth: Int)] = []
  private var depth = 0
  private var comment: [Substring] = []

  /// The comments of all Swift files below a folder, as those of a module.
  static func of(_ folder: URL, module: String) throws -> [String: [String: String]] {
    let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    let swift = (files?.allObjects as? [URL] ?? []).filter { $0.pathExtension == "swift" }
    return try swift.reduce(into: [:]) { all, file in
      let text = try String(contentsOf: file, encoding: .utf8)
      let found = SourceComments(of: text, module: module).types
      all.merge(found) { $0.merging($1) { first, _ in first } }
    }
  }

  init(of text: String, module: String) {
    around = [(module, -1)]
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      read(line.drop { $0 == " " })
    }
  }

  private mutating func read(_ line: Substring) {
    if line.hasPrefix("///") {
      comment.append(line.dropFirst(3).drop { $0 == " " })
      return
    }
    let code = line.contains(where: { "\"/".contains($0) }) ? line.withoutWords : line
    let words = code.split(separator: " ").drop { Self.modifiers.contains($0) || $0.first == "@" }
    if let kind = words.first, words.count > 1 {
      let name = words.dropFirst().first!.prefix { $0.isLetter || $0.isNumber || "_.".contains($0) }
      if Self.types.contains(kind) {
        around.append((String(name), depth))
      } else if Self.values.contains(kind), !comment.isEmpty {
        types[around.map(\.name).joined(separator: "."), default: [:]][String(name)] = paragraph
      }
    }
    comment = []
    depth += code.count { $0 == "{" } - code.count { $0 == "}" }
    while let last = around.last, last.depth >= depth, !code.hasSuffix(",") { around.removeLast() }
  }

  private static let types: Set<Substring> = [
    "struct", "enum", "class", "actor", "protocol", "extension",
  ]
  private static let values: Set<Substring> = ["var", "let", "case"]
  private static let modifiers: Set<Substring> = [
    "public", "package", "private", "fileprivate", "indirect", "final", "static",
  ]

  /// The comment on one line.
  private var paragraph: String {
    comment.filter { !$0.isEmpty }.joined(separator: " ")
  }
}

extension Substring {
  /// Without strings and what follows `//`.
  fileprivate var withoutWords: Substring {
    self[...].replacing(/"(\\.|[^"\\])*"|\/\/.*/, with: "")[...]
  }
}

extension SettingReference {
  /// Each setting and each name that it may have, with the full name of its Swift type.
  var documented: [(owner: String, name: String, comment: String)] {
    fields.flatMap { [(owner, $0.name, $0.comment)] + $0.type.documented }
  }
}

extension SettingType {
  fileprivate var documented: [(owner: String, name: String, comment: String)] {
    switch self {
    case .choice(let choices, let owner): choices.map { (owner, $0.name, $0.comment) }
    case .list(let inner), .dictionary(let inner): inner.documented
    case .group(let reference), .pathOrGroup(_, let reference), .recipe(let reference?):
      reference.documented
    default: []
    }
  }
}
