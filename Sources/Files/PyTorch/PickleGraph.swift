/// A Python value of a pickle. Whatever holds other values is a node of the graph, by its number,
/// so that no depth of nesting and no circle can harm us.
enum PickleValue {
  case none
  case flag(Bool)
  case integer(Int)
  case number(Double)
  case text(String)
  /// Bytes, and integers of more than 64 bits.
  case bytes([UInt8])
  indirect case global(PickleGlobal)
  case node(Int)
  indirect case storage(TorchStorage)
  indirect case tensor(TorchTensor)
}

/// What a pickle describes. It is looked at, never run.
struct PickleGraph {
  /// A list, tuple, set, dictionary, or an object of a class that we know by name alone.
  struct Node {
    enum Kind: Equatable {
      case list, tuple, set, dictionary
      indirect case object(PickleGlobal)
    }

    var kind: Kind
    /// Of a list, tuple or set; of an object, what it is constructed with, but for arguments by name.
    var elements: [PickleValue] = []
    /// Of a dictionary, by its keys that are text; those under others are in `elements`.
    var items: [String: PickleValue] = [:]
    /// What an object is given after its construction, mostly a dictionary of its attributes.
    var state = PickleValue.none
  }

  var nodes: [Node] = []
  var root = PickleValue.none

  mutating func add(_ node: Node) -> PickleValue {
    nodes.append(node)
    return .node(nodes.count - 1)
  }

  /// That no list, tuple, set or dictionary holds itself. An object may, as a tree's parents do.
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
