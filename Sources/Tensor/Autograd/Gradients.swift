/// The gradients of one scalar with respect to the tracked tensors it came from.
public struct Gradients: Sendable {
  /// Keyed by the node's number. A later node may have the same address, but never the same number.
  private var byNode: [Int: Tensor] = [:]

  /// No gradients.
  public init() {}

  /// The gradient with respect to `tensor`, of its shape; nil if the scalar does not depend on it.
  ///
  /// - Traps when: it is set, and `tensor` is untracked or the shapes differ.
  public subscript(tensor: Tensor) -> Tensor? {
    get { tensor.node.flatMap { byNode[$0.number] } }
    set {
      guard let node = tensor.node else {
        preconditionFailure("Gradients: set for an untracked tensor of shape \(tensor.shape)")
      }
      precondition(
        newValue.map { $0.shape == tensor.shape } ?? true,
        "Gradients: \(newValue!.shape) does not fit a tensor of shape \(tensor.shape)")
      byNode[node.number] = newValue
    }
  }

  /// Adds the gradients of another scalar that was computed from the same tensors.
  public mutating func add(_ other: Gradients) {
    for (node, gradient) in other.byNode {
      if byNode[node] == nil {
        byNode[node] = gradient
      } else {
        byNode[node]!.add(gradient)
      }
    }
  }
}

extension Tensor {
  /// The gradients of this scalar by reverse accumulation. Uses up the graph: activations are freed
  /// as soon as they have been read.
  ///
  /// - Traps when: the tensor is not a tracked scalar, or an earlier call used up part of its graph
  ///   (add the losses and call once).
  public func gradients() -> Gradients {
    precondition(elementCount == 1, "gradients: of a scalar only, got shape \(shape)")
    return gradients(along: .ones(shape))
  }

  /// The gradients of `Σ self ⊙ direction`: the vector-Jacobian product.
  ///
  /// - Traps when: the shapes differ, the tensor is not tracked, or its graph is used up.
  public func gradients(along direction: Tensor) -> Gradients {
    precondition(
      direction.shape == shape, "gradients: direction \(direction.shape) does not fit \(shape)")
    guard let node else {
      preconditionFailure("gradients: the loss depends on no tracked tensor")
    }
    return Backward(from: node, seed: direction.detached()).run()
  }
}

/// One backward pass. Nodes wait in a queue ordered by number, each with the gradient accumulated
/// so far.
private struct Backward {
  private var pending: [Int: Tensor] = [:]
  private var queue = NodeQueue()
  private var finished = Gradients()

  init(from node: Node, seed: Tensor) { add(seed, to: node) }

  consuming func run() -> Gradients {
    while let node = queue.popLatest() {
      let gradient = pending.removeValue(forKey: node.number)!
      let edges = node.takeEdges()
      if node.isLeaf { finished.set(gradient, for: node) }
      precondition(
        node.isLeaf || !edges.isEmpty, "gradients: an earlier call used up part of this graph")
      for edge in edges { add(edge.pullback(gradient), to: edge.node) }
    }
    return finished
  }

  private mutating func add(_ gradient: Tensor, to node: Node) {
    if pending[node.number] == nil {
      pending[node.number] = gradient
      queue.insert(node)
    } else {
      pending[node.number]!.add(gradient)
    }
  }
}

extension Gradients {
  fileprivate mutating func set(_ gradient: Tensor, for node: Node) {
    byNode[node.number] = gradient
  }
}

/// A binary heap of nodes; the greatest number is popped first.
private struct NodeQueue {
  private var heap: [Node] = []

  mutating func insert(_ node: Node) {
    heap.append(node)
    var i = heap.count - 1
    while i > 0, heap[(i - 1) / 2].number < heap[i].number {
      heap.swapAt(i, (i - 1) / 2)
      i = (i - 1) / 2
    }
  }

  mutating func popLatest() -> Node? {
    guard let top = heap.first else { return nil }
    let last = heap.removeLast()
    if !heap.isEmpty {
      heap[0] = last
      siftDown()
    }
    return top
  }

  private mutating func siftDown() {
    var i = 0
    while true {
      let children = [2 * i + 1, 2 * i + 2].filter { $0 < heap.count }
      guard let child = children.max(by: { heap[$0].number < heap[$1].number }),
        heap[child].number > heap[i].number
      else { return }
      heap.swapAt(i, child)
      i = child
    }
  }
}
