import Settings
import Yams

/// Writes settings as YAML that reads back as the same settings, here and in other YAML readers.
enum RecipeWriter {
  static func yaml(of setting: Setting) throws -> String {
    try serialize(node: node(of: setting), width: -1, allowUnicode: true, sortKeys: false)
  }

  private static func node(of setting: Setting) -> Node {
    switch setting.content {
    case .null: Node("null", Tag(.null), .plain)
    case .scalar(let word, isQuoted: false): Node(word, .implicit, .plain)
    case .scalar(let text, isQuoted: true): node(ofText: text)
    case .list(let elements): Node(elements.map(node), .implicit, style(of: elements))
    case .group(let fields):
      Node(
        fields.map { (node(ofText: $0.name), node(of: $0.value)) }, .implicit,
        fields.isEmpty ? .flow : .block)
    }
  }

  /// Text gets quotes if another reader could take it for a number, a boolean or null.
  private static func node(ofText text: String) -> Node {
    let isPlain = Node(text).tag == Tag(.str)
    return Node(text, Tag(.str), isPlain ? .plain : .singleQuoted)
  }

  /// Lists of scalars are written on one line, lists of groups one group per line.
  private static func style(of elements: [Setting]) -> Node.Sequence.Style {
    elements.allSatisfy { $0.fields == nil } ? .flow : .block
  }
}
