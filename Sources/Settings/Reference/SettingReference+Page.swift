extension SettingReference {
  /// A page in Markdown, wrapped at 120 columns: a section for each group of settings, outer before
  /// inner.
  ///
  /// - Parameters:
  ///   - title: The heading.
  ///   - introduction: A paragraph below it.
  public func page(title: String, introduction: String) -> String {
    let head = ["# " + title, introduction.wrapped()]
    return (head + sections(path: "", introduction: "")).joined(separator: "\n\n") + "\n"
  }

  private func sections(path: String, introduction: String) -> [String] {
    let heading = path.isEmpty ? "## Outermost" : "## `\(path)`"
    let entries = fields.map { $0.entry(in: path) }.joined(separator: "\n")
    return [heading, introduction.wrapped(), entries].filter { !$0.isEmpty }
      + fields.flatMap { $0.sections(in: path) }
  }

  fileprivate func sections(of field: Field, at path: String) -> [String] {
    let presence =
      field.isOptional && field.standard.isNull ? " Absent unless a recipe names it." : ""
    return sections(path: path, introduction: field.comment + presence)
  }
}

extension SettingReference.Field {
  fileprivate func sections(in group: String) -> [String] {
    let path = group.isEmpty ? name : group + "." + name
    return type.inner(path).map { $0.reference.sections(of: self, at: $0.path) } ?? []
  }

  /// The type, the default and the comment of the setting; for a group, a link to its section.
  fileprivate func entry(in group: String) -> String {
    let head = "- **`\(name)`**: " + facts.joined(separator: "; ") + ". "
    if let inner = type.inner(group.isEmpty ? name : group + "." + name) {
      return (head + "See [`\(inner.path)`](#\(inner.path.anchor)).").wrapped(indent: "  ")
    }
    let choices = type.choices.map { "`\($0.name)`: \($0.comment)".wrapped("  - ", indent: "    ") }
    return ([(head + comment).wrapped(indent: "  ")] + choices).joined(separator: "\n")
  }

  private var facts: [String] {
    let words = type.words + (unit.map { ", in \($0)" } ?? "") + type.limits
    if standard.isNull { return [words, "absent unless set"] }
    let standard = type.isGroup ? [] : ["default `\(standard.plain.inlined)`"]
    return [words] + standard + (isOptional ? ["may be `null`"] : [])
  }
}

extension SettingType {
  fileprivate var words: String {
    switch self {
    case .truth: "true or false"
    case .number(let isWhole, _): isWhole ? "whole number" : "number"
    case .text: "text"
    case .path: "path, relative to the recipe"
    case .choice: "one of these names"
    case .pair: "two whole numbers, the smaller one first"
    case .list(let element): "list, each element: \(element.words)"
    case .dictionary(let value): "names, each with a value: \(value.words)"
    case .group: "group of settings"
    case .pathOrGroup(let setting, _): "group of settings, or a path, its `\(setting)`"
    case .recipe: "recipe: a file's path, or settings, which may have `extends`"
    }
  }

  /// Whether its defaults are listed with its own settings.
  fileprivate var isGroup: Bool {
    switch self {
    case .group, .pathOrGroup, .recipe: true
    default: false
    }
  }

  fileprivate var limits: String {
    switch self {
    case .number(_, let range), .pair(let range): range.words
    case .list(let element): element.limits
    default: ""
    }
  }

  fileprivate var choices: [Choice] {
    switch self {
    case .choice(let choices, _): choices
    case .list(let element): element.choices
    default: []
    }
  }

  /// The settings in a value at `path`, with their path.
  fileprivate func inner(_ path: String) -> (path: String, reference: SettingReference)? {
    switch self {
    case .group(let reference), .pathOrGroup(_, let reference), .recipe(let reference?):
      (path, reference)
    case .list(let element): element.inner(path + "[]")
    case .dictionary(let value): value.inner(path + ".NAME")
    default: nil
    }
  }
}

extension SettingRange {
  /// `, from 0 to below 1`; empty without a limit.
  fileprivate var words: String {
    let lower = lower.map {
      $0.isAllowed ? "from \($0.number)" + (self.upper == nil ? " on" : "") : "above \($0.number)"
    }
    let upper = upper.map { $0.isAllowed ? "to \($0.number)" : "to below \($0.number)" }
    let both = [lower, upper].compactMap { $0 }
    return both.isEmpty ? "" : ", " + both.joined(separator: " ")
  }
}

extension String {
  /// Lines of at most 120 characters, the first one after `head` and the others after `indent`.
  fileprivate func wrapped(_ head: String = "", indent: String = "") -> String {
    var lines: [String] = []
    var line = head
    for word in split(separator: " ") {
      let isFirst = line == (lines.isEmpty ? head : indent)
      if !isFirst, line.count + 1 + word.count > 120 {
        lines.append(line)
        line = indent + word
      } else {
        line += (isFirst ? "" : " ") + word
      }
    }
    return (lines + [line]).joined(separator: "\n")
  }

  /// The anchor that GitHub gives a heading.
  fileprivate var anchor: String { lowercased().filter { $0.isLetter || $0.isNumber } }
}
