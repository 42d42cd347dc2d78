/// Read access to a value of a pickle and the values inside it.
package struct PickleView {
  let graph: PickleGraph
  let value: PickleValue

  init(_ graph: PickleGraph) { (self.graph, value) = (graph, graph.root) }

  private init(_ graph: PickleGraph, _ value: PickleValue) {
    (self.graph, self.value) = (graph, value)
  }

  /// The entry of a dictionary, the attribute of a namespace, or the entry of an OmegaConf
  /// dictionary, whose entries are under `_content`.
  package subscript(key: String) -> PickleView? {
    guard let node else { return nil }
    if let item = node.items[key] { return PickleView(graph, item).unwrapped }
    // Only one step into an object, because it may contain itself.
    guard case .object = node.kind, let state = PickleView(graph, node.state).node else {
      return nil
    }
    let content = state.items["_content"].flatMap { PickleView(graph, $0).node } ?? state
    return content.items[key].map { PickleView(graph, $0).unwrapped }
  }

  /// The elements of a list or of an OmegaConf list.
  package var elements: [PickleView] {
    guard let node else { return [] }
    let content = PickleView(graph, node.state).node?.items["_content"]
    let list = content.flatMap { PickleView(graph, $0).node } ?? node
    return list.elements.map { PickleView(graph, $0).unwrapped }
  }

  /// The keys of a dictionary.
  package var keys: [String] { node.map { Array($0.items.keys) } ?? [] }

  /// Whether this is a dictionary or an object.
  package var hasKeys: Bool {
    switch node?.kind {
    case .dictionary, .object: true
    default: false
    }
  }

  package var isNone: Bool { if case .none = value { true } else { false } }
  package var flag: Bool? { if case .flag(let flag) = value { flag } else { nil } }
  package var integer: Int? { if case .integer(let integer) = value { integer } else { nil } }
  package var tensor: TorchTensor? { if case .tensor(let tensor) = value { tensor } else { nil } }

  package var number: Float? {
    if case .number(let number) = value { return Float(number) }
    return integer.map { Float($0) }
  }

  /// Text, or the value of a member of an enumeration, if it is text.
  package var text: String? {
    if case .text(let text) = value { return text }
    guard let node, case .object = node.kind, node.elements.count == 1,
      case .text(let text) = node.elements[0]
    else { return nil }
    return text
  }

  private var node: PickleGraph.Node? {
    if case .node(let number) = value { graph.nodes[number] } else { nil }
  }

  /// OmegaConf stores every scalar as `_val` of a node.
  private var unwrapped: PickleView {
    guard let node, case .object(let global) = node.kind, global.module.hasPrefix("omegaconf"),
      let value = PickleView(graph, node.state).node?.items["_val"]
    else { return self }
    return PickleView(graph, value)
  }
}

extension PickleView {
  /// The elements of a list that are text.
  package var texts: [String] {
    (node?.elements ?? []).compactMap { if case .text(let text) = $0 { text } else { nil } }
  }
}
