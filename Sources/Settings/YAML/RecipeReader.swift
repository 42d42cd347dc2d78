import Foundation
import Settings
import Yams

/// Reads a YAML text into settings, with limits that no ordinary recipe reaches.
///
/// A text of 64 KiB with 8 aliases can expand to at most about a million nodes, so a malicious
/// recipe costs a few seconds. The number of expanded nodes is limited as well.
package struct RecipeReader {
  static let maximumBytes = 64 * 1024
  static let maximumAliases = 8
  static let maximumNodes = 10_000
  static let maximumDepth = 32

  /// The place of a line, for errors.
  let place: (_ line: Int) -> RecipePlace
  private var nodes = 0

  private init(place: @escaping (Int) -> RecipePlace) { self.place = place }

  /// The settings in a file, which must be a group.
  package static func read(file path: String) throws -> Setting {
    let text = try contents(of: path)
    let setting = try read(text) { .line(file: path, $0) }
    guard let setting else {
      throw RecipeError.unreadable(file: path, reason: "is empty; a recipe holds settings")
    }
    guard setting.fields != nil else {
      throw RecipeError.syntax(
        place: setting.place,
        reason: "expected settings ('name: value'), found \(setting.summary)")
    }
    return setting
  }

  /// The settings in `text`; `nil` if there are none.
  package static func read(
    _ text: String, place: @escaping (_ line: Int) -> RecipePlace
  ) throws -> Setting? {
    var reader = RecipeReader(place: place)
    try reader.refuseAliasBombs(in: text)
    return try reader.compose(text).map { try reader.setting($0, at: place($0.mark?.line ?? 1)) }
  }

  /// Whether a text of settings keeps within the limits of a file.
  static func accepts(_ text: String) -> Bool {
    guard text.utf8.count <= maximumBytes else { return false }
    return (try? read(text) { .line(file: "", $0) }) != nil
  }

  // MARK: - Text

  private static func contents(of path: String) throws -> String {
    func unreadable(_ reason: String) -> RecipeError { .unreadable(file: path, reason: reason) }
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      let link = try? FileManager.default.destinationOfSymbolicLink(atPath: path)
      throw unreadable(
        link.map { "is a link to '\($0)', which is not there" }
          ?? "no such file" + neighbour(of: path))
    }
    guard !isFolder.boolValue else { throw unreadable("is a folder, not a recipe") }
    guard let file = FileHandle(forReadingAtPath: path) else {
      throw unreadable("cannot be opened; check its permissions")
    }
    defer { try? file.close() }
    let data = try file.read(upToCount: maximumBytes + 1) ?? Data()
    guard data.count <= maximumBytes else {
      throw unreadable("is larger than \(maximumBytes / 1024) KiB, so it is not a recipe")
    }
    if data.starts(with: [0xFF, 0xFE]) || data.starts(with: [0xFE, 0xFF]) {
      throw unreadable("is UTF-16 text; save it as UTF-8")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw unreadable("is not UTF-8 text, so it is not a recipe")
    }
    guard !data.contains(0) else {
      throw unreadable("has bytes of 0, as UTF-16 and binary files have; save it as UTF-8 text")
    }
    return String(text.unicodeScalars.drop { $0 == "\u{FEFF}" })
  }

  private static func neighbour(of path: String) -> String {
    let url = URL(fileURLWithPath: path)
    let folder = url.deletingLastPathComponent().path
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let recipes = names.filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }
    guard let name = nearestName(to: url.lastPathComponent, among: recipes.sorted()) else {
      return ""
    }
    return "; did you mean '\(name)'?"
  }

  // MARK: - YAML

  /// Counted in the text, because Yams hashes every key together with the expansion of its aliases.
  private func refuseAliasBombs(in text: String) throws {
    let aliases = text.ranges(of: /(^|[\s\[{,:?\-])\*[^\s*]/).count
    guard aliases <= Self.maximumAliases else {
      throw RecipeError.syntax(
        place: place(1),
        reason: "more than \(Self.maximumAliases) aliases ('*name'); use extends: to share settings"
      )
    }
  }

  private func compose(_ text: String) throws -> Node? {
    do {
      return try Parser(yaml: text, encoding: .utf8).singleRoot()
    } catch let error as YamlError {
      throw syntax(error, in: text)
    }
  }

  private func syntax(_ error: YamlError, in text: String) -> RecipeError {
    switch error {
    case .composer(let context?, let problem, let mark, _):
      return .syntax(place: place(mark.line), reason: "\(context.text) \(problem)")
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(nil, let problem, let mark, _):
      let tab = isIndentedByTab(lines(of: text).dropFirst(mark.line - 1).first)
      return .syntax(
        place: place(mark.line), reason: tab ? "a tab cannot indent; use spaces" : problem)
    case .duplicatedKeysInMapping(let names, let context):
      return .syntax(
        place: place(line(of: names[0], setTwiceInGroupAt: context.mark, of: text)),
        reason: "'\(names.joined(separator: "', '"))' is set twice; keep one")
    case .reader(let problem, let offset, let value, _):
      let before = text.utf8.prefix(offset ?? 0)
      return .syntax(
        place: place(lines(of: String(decoding: before, as: UTF8.self)).count),
        reason: "\(problem) (character \(value))")
    default:
      return .syntax(place: place(1), reason: "not YAML: \(error)")
    }
  }

  private func isIndentedByTab(_ line: Substring?) -> Bool {
    line?.prefix { $0 == " " || $0 == "\t" }.contains("\t") == true
  }

  /// The line where a name is set for the second time. YAML gives only the start of the group,
  /// which is returned for a group on one line.
  private func line(of name: String, setTwiceInGroupAt mark: Mark, of text: String) -> Int {
    let indent = String(repeating: " ", count: mark.column - 1)
    let group = lines(of: text).enumerated().dropFirst(mark.line - 1)
    let places = group.filter { number, line in
      let isFirst = number == mark.line - 1
      let key = isFirst ? line.dropFirst(indent.count) : line.hasPrefix(indent) ? line : ""
      let rest = isFirst ? key : key.dropFirst(indent.count)
      return rest.hasPrefix(name)
        && rest.dropFirst(name.count).drop { $0 == " " }.first == ":"
    }
    return (places.dropFirst().first?.offset).map { $0 + 1 } ?? mark.line
  }

  private func lines(of text: String) -> [Substring] {
    text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
  }

  // MARK: - Nodes

  private mutating func setting(
    _ node: Node, at place: RecipePlace, depth: Int = 0
  ) throws -> Setting {
    nodes += 1
    guard nodes <= Self.maximumNodes, depth <= Self.maximumDepth else {
      throw RecipeError.syntax(place: place, reason: "too many or too deep settings for a recipe")
    }
    switch node {
    case .scalar(let scalar):
      return Setting(content: content(of: scalar), place: place)
    case .sequence(let elements):
      let settings = try elements.map { element in
        try setting(element, at: line(of: element, or: place), depth: depth + 1)
      }
      return Setting(content: .list(settings), place: place)
    case .mapping(let pairs):
      let fields = try pairs.map { key, value in try field(key, value, in: place, depth: depth) }
      return Setting(content: .group(fields), place: place)
    case .alias:
      throw RecipeError.syntax(place: place, reason: "found an alias to nothing")
    }
  }

  /// A value gets the place of its key, which is the line that a user looks for.
  private mutating func field(
    _ key: Node, _ value: Node, in group: RecipePlace, depth: Int
  ) throws -> Setting.Field {
    let place = line(of: key, or: group)
    guard case .scalar(let name) = key else {
      throw RecipeError.syntax(place: place, reason: "the name of a setting must be a word")
    }
    return Setting.Field(
      name: name.string, value: try setting(value, at: place, depth: depth + 1))
  }

  private func line(of node: Node, or group: RecipePlace) -> RecipePlace {
    node.mark.map { place($0.line) } ?? group
  }

  private func content(of scalar: Node.Scalar) -> Setting.Content {
    let isQuoted = scalar.style != .plain && scalar.style != .any
    let isNull = !isQuoted && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    return isNull ? .null : .scalar(scalar.string, isQuoted: isQuoted)
  }
}
