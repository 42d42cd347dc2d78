import Synchronization

/// One step of the computation that led to a tensor: where its gradient goes on.
///
/// Nodes hang off the tensors they belong to; there is no global tape. A node without edges is a
/// leaf, a value whose gradient is asked for. Several threads may compute with the same leaves at once;
/// what a thread computed from them belongs to it, and it alone may call `gradients` on it.
final class Node: @unchecked Sendable {
  /// Grows with every node, so that an order of decreasing numbers is a valid order of backward.
  let number: Int
  /// Whether the gradient stops here, because this value was not computed.
  let isLeaf: Bool
  private var edges: [Edge]

  private static let made = Atomic<Int>(0)

  init(edges: [Edge] = []) {
    number = Self.made.wrappingAdd(1, ordering: .relaxed).oldValue
    isLeaf = edges.isEmpty
    self.edges = edges
  }

  /// Hands out the edges and forgets them, and with them all that their closures keep. A leaf has none
  /// and is not written: threads may share it.
  func takeEdges() -> [Edge] {
    if isLeaf { return [] }
    defer { edges = [] }
    return edges
  }

  /// Unlinks long chains in a loop: the default recursion overflows the stack.
  deinit {
    var doomed = takeEdges()
    while var edge = doomed.popLast() {
      if isKnownUniquelyReferenced(&edge.node) { doomed += edge.node.takeEdges() }
    }
  }
}

/// The way back from a result to one of its inputs.
public struct Edge {
  /// The input's own node.
  var node: Node
  /// Maps the gradient of the result to that of the input.
  let pullback: (Tensor) -> Tensor
}

extension Tensor {
  /// The way back to this tensor, or nil if nobody asks for its gradient, which has the type of the
  /// tensor. The closure must capture detached values only.
  public func edge(_ pullback: @escaping (Tensor) -> Tensor) -> Edge? {
    node.map { [dtype] in Edge(node: $0, pullback: { pullback($0).converted(to: dtype) }) }
  }

  /// This plain value with its history attached: how an operation outside of this module gets its
  /// gradient.
  public func derived(from edges: Edge?...) -> Tensor { derived(from: edges) }

  func derived(from edges: [Edge?]) -> Tensor {
    let present = edges.compactMap { $0 }
    guard !present.isEmpty else { return self }
    return Tensor(
      shape: shape, dtype: dtype, storage: storage, offset: offset, node: Node(edges: present))
  }

  /// The same value as a leaf whose gradient can be asked for.
  public func tracked() -> Tensor {
    Tensor(shape: shape, dtype: dtype, storage: storage, offset: offset, node: Node())
  }

  /// The same value without a history: gradients stop here.
  public func detached() -> Tensor {
    Tensor(shape: shape, dtype: dtype, storage: storage, offset: offset)
  }

  /// Whether gradients flow back through this tensor.
  public var isTracked: Bool { node != nil }
}

/// Computes the gradients of several inputs at once, on the first of their edges.
///
/// For operations whose backward yields all of them together (attention). Kept until the node lets
/// its edges go, which is right after they ran.
final class JointPullback<Gradients> {
  private let compute: (Tensor) -> Gradients
  private var result: Gradients?

  init(_ compute: @escaping (Tensor) -> Gradients) { self.compute = compute }

  func callAsFunction(_ dy: Tensor) -> Gradients {
    if let result { return result }
    let computed = compute(dy)
    result = computed
    return computed
  }
}
