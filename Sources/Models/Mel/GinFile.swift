import Foundation
import Models

/// A file of gin, Google's language of configurations: what is bound to the parameters of classes.
///
/// Read are bindings (`nets.conformer.Conformer.depth = 24`), macros (`rate = 16000`, `%rate`) and comments; an `import`
/// is passed over. A value is read when it is asked for, so that one of a kind that is not known here is an error only
/// where it is needed.
/// Parameters are named by their class, `Conformer.depth`, whatever module stands before it. As in gin, the last of
/// several bindings counts.
struct GinFile {
  /// What a parameter is bound to.
  enum Value: Equatable {
    case nothing
    case flag(Bool)
    case number(Double)
    case text(String)
    /// A class, without its module.
    case reference(String)
    case list([Value])
  }

  private let path: String
  private var bound: [String: Substring] = [:]

  /// - Throws: `ModelError.file` for a line that is no binding, such as an `include`.
  init(_ text: String, at path: String) throws(ModelError) {
    self.path = path
    for statement in GinText.statements(of: text) where !statement.hasPrefix("import ") {
      guard let equals = statement.firstIndex(of: "=") else {
        throw .file(path, problem: "'\(statement.prefix(60))' is no binding of gin")
      }
      let key = statement[..<equals].trimmingCharacters(in: .whitespaces)
      bound[Self.short(key)] = statement[statement.index(after: equals)...]
    }
  }

  /// - Throws: `ModelError.file`.
  init(contentsOf url: URL) throws(ModelError) {
    guard let text = try? String(contentsOf: url, encoding: .utf8) else {
      throw .file(url.path, problem: "cannot be read; is this a folder of OMAR-RQ?")
    }
    try self.init(text, at: url.path)
  }

  /// Class and parameter of `scope/module.Class.parameter`.
  private static func short(_ selector: String) -> String {
    let name = selector.split(separator: "/").last ?? ""
    return name.split(separator: ".").suffix(2).joined(separator: ".")
  }

  /// - Throws: `ModelError.setting` if it is not bound or is no value of these kinds.
  func value(_ name: String) throws(ModelError) -> Value {
    guard let text = bound[name] else { throw .setting(name, problem: "is missing") }
    guard let value = value(of: text, depth: 0) else {
      throw .setting(name, problem: "\(text.trimmingCharacters(in: .whitespaces)) cannot be read")
    }
    return value
  }

  /// The value of a parameter that may be left out.
  func value(_ name: String, default other: Value) throws(ModelError) -> Value {
    bound[name] == nil ? other : try value(name)
  }

  /// - Throws: `ModelError.setting` if it is no number.
  func number(_ name: String) throws(ModelError) -> Double {
    guard case .number(let number) = try value(name), number.isFinite else {
      throw .setting(name, problem: "is not a number")
    }
    return number
  }

  /// - Throws: `ModelError.setting` if it is no whole number that is usable as a count.
  func count(_ name: String) throws(ModelError) -> Int {
    guard let count = Int(exactly: try number(name)), (0...1 << 30).contains(count) else {
      throw .setting(name, problem: "is not a count")
    }
    return count
  }

  private static let words: [Substring: Value] = [
    "None": .nothing, "True": .flag(true), "False": .flag(false),
  ]

  /// - Parameter depth: Of brackets and macros around it.
  private func value(of text: Substring, depth: Int) -> Value? {
    let text = GinText.trimmed(text)
    guard depth < 16, let first = text.first else { return nil }
    let rest = text.dropFirst()
    switch first {
    case "%": return bound[String(rest)].flatMap { value(of: $0, depth: depth + 1) }
    case "@":
      let name = rest.hasSuffix("()") ? rest.dropLast(2) : rest
      return name.split(separator: ".").last.map { .reference(String($0)) }
    case "\"", "'":
      let inner = rest.dropLast()
      return rest.last == first && !inner.contains(first) ? .text(String(inner)) : nil
    case "[" where text.last == "]", "(" where text.last == ")":
      return list(rest.dropLast(), depth: depth + 1)
    default: return Self.words[text] ?? Double(text.replacing("_", with: "")).map(Value.number)
    }
  }

  private func list(_ text: Substring, depth: Int) -> Value? {
    var values: [Value] = []
    for part in GinText.parts(of: text) {
      guard let value = value(of: part, depth: depth) else { return nil }
      values.append(value)
    }
    return .list(values)
  }
}

/// Cuts a text of gin into statements and lists into elements.
enum GinText {
  /// The statements without comments, each on one line: one goes on while a bracket is open or behind `\`.
  static func statements(of text: String) -> [String] {
    var (statements, open, statement) = ([String](), 0, "")
    for line in text.split(whereSeparator: \.isNewline) {
      let (code, change) = code(of: line)
      open += change
      let goesOn = code.hasSuffix("\\")
      statement += goesOn ? code.dropLast() : code + " "
      if open <= 0, !goesOn { take(&statement, into: &statements) }
    }
    take(&statement, into: &statements)
    return statements
  }

  private static func take(_ statement: inout String, into statements: inout [String]) {
    let text = statement.trimmingCharacters(in: .whitespaces)
    if !text.isEmpty { statements.append(text) }
    statement = ""
  }

  /// A line up to its comment, and by how many brackets it opens more than it closes.
  private static func code(of line: Substring) -> (text: Substring, opened: Int) {
    var (quote, opened) = (Character?.none, 0)
    for place in line.indices {
      let character = line[place]
      if let open = quote {
        if character == open { quote = nil }
        continue
      }
      switch character {
      case "#": return (trimmed(line[..<place]), opened)
      case "\"", "'": quote = character
      case "[", "(", "{": opened += 1
      case "]", ")", "}": opened -= 1
      default: break
      }
    }
    return (trimmed(line), opened)
  }

  /// The elements of a list, which commas outside of brackets separate.
  static func parts(of text: Substring) -> [Substring] {
    var (parts, start, open) = ([Substring](), text.startIndex, 0)
    for place in text.indices {
      switch text[place] {
      case "[", "(": open += 1
      case "]", ")": open -= 1
      case "," where open == 0:
        parts.append(text[start..<place])
        start = text.index(after: place)
      default: break
      }
    }
    parts.append(text[start...])
    return parts.map(trimmed).filter { !$0.isEmpty }
  }

  /// Without blanks at both ends.
  static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop(while: \.isWhitespace)
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }
}
