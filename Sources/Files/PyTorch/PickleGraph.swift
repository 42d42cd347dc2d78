/// A Python value of a pickle. A value that holds others is a node of the graph, given by its
/// number. So neither deep nesting nor cycles can exhaust the stack.
enum PickleValue {
  case none
  case flag(Bool)
  case integer(Int)
  case number(Double)
  case text(String)
  /// Bytes, or an integer of more than 64 bits.
  case bytes([UInt8])
  indirect case global(PickleGlobal)
  case node(Int)
  indirect case storage(TorchStorage)
  indirect case tensor(TorchTensor)
}

/// The values of a pickle. Nothing in it is run.
struct PickleGraph {
  /// A list, tuple, set or dictionary, or an object of a class of which only the name is kept.
  struct Node {
    enum Kind: Equatable {
      case list, tuple, set, dictionary
      indirect case object(PickleGlobal)
    }

    var kind: Kind
    /// The elements of a list, tuple or set; the positional arguments of an object.
    var elements: [PickleValue] = []
    /// The entries of a dictionary with text as key; entries with other keys are in `elements`.
    var items: [String: PickleValue] = [:]
    /// The state that an object gets after construction, usually a dictionary of its attributes.
    var state = PickleValue.none
  }

  var nodes: [Node] = []
  var root = PickleValue.none

  mutating func add(_ node: Node) -> PickleValue {
    nodes.append(node)
    return .node(nodes.count - 1)
  }

  /// Checks that no list, tuple, set or dictionary contains itself. An object may, for example a
  /// tree whose nodes refer to their parents.
  func checkForCircles() throws(TorchProblem) {
    var states = [State](repeating: .unseen, count: nodes.count)
    for start in nodes.indices { try visit(start, &states) }
  }

  private enum State { case unseen, open, done }

  private func visit(_ start: Int, _ states: inout [State]) throws(TorchProblem) {
    var path = [start]
    while let node = path.last {
      switch states[node] {
      case .done: path.removeLast()
      case .open:
        states[node] = .done
        path.removeLast()
      case .unseen:
        states[node] = .open
        for child in contained(in: node) {
          if states[child] == .open {
            throw TorchProblem(text: "it holds a list that holds itself")
          }
          if states[child] == .unseen { path.append(child) }
        }
      }
    }
  }

  private func contained(in number: Int) -> [Int] {
    let node = nodes[number]
    if case .object = node.kind { return [] }
    return (node.elements + node.items.values).compactMap {
      if case .node(let child) = $0 { child } else { nil }
    }
  }
}
