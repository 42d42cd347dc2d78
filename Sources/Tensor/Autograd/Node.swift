import Synchronization

/// One step of the computation of a tensor, with edges to the nodes of its inputs.
///
/// Nodes belong to their tensors; there is no global tape. A node without edges is a leaf: a value
/// whose gradient is wanted. Several threads may compute with the same leaves at once. The tensors
/// that a thread computed from them belong to that thread, which alone may call `gradients` on
/// them.
final class Node: @unchecked Sendable {
  /// Grows with every node, so that decreasing numbers are a valid order for the backward pass.
  let number: Int
  /// Whether the gradient stops here, because this value was not computed from others.
  let isLeaf: Bool
  private var edges: [Edge]

  private static let made = Atomic<Int>(0)

  init(edges: [Edge] = []) {
    number = Self.made.wrappingAdd(1, ordering: .relaxed).oldValue
    isLeaf = edges.isEmpty
    self.edges = edges
  }

  /// Returns the edges and releases them, and with them everything that their closures keep. A leaf
  /// has no edges and is not changed, since threads may share it.
  func takeEdges() -> [Edge] {
    if isLeaf { return [] }
    defer { edges = [] }
    return edges
  }

  /// Releases long chains of nodes in a loop: the default recursion overflows the stack.
  deinit {
    var doomed = takeEdges()
    while var edge = doomed.popLast() {
      if isKnownUniquelyReferenced(&edge.node) { doomed += edge.node.takeEdges() }
    }
  }
}

/// An edge from the node of a result to the node of one of its inputs.
public struct Edge {
  /// The input's own node.
  var node: Node
  /// Maps the gradient of the result to that of the input.
  let pullback: (Tensor) -> Tensor
}

extension Tensor {
  /// An edge to this tensor, or nil if it is untracked. The gradient is converted to the type of
  /// the tensor. The closure must capture detached values only.
  public func edge(_ pullback: @escaping (Tensor) -> Tensor) -> Edge? {
    node.map { [dtype] in Edge(node: $0, pullback: { pullback($0).converted(to: dtype) }) }
  }

  /// This untracked value with edges to its inputs attached. Operations outside this module define
  /// their gradient with it.
  public func derived(from edges: Edge?...) -> Tensor { derived(from: edges) }

  func derived(from edges: [Edge?]) -> Tensor {
    let present = edges.compactMap { $0 }
    guard !present.isEmpty else { return self }
    return Tensor(
      shape: shape, dtype: dtype, storage: storage, offset: offset, node: Node(edges: present))
  }

  /// The same value as a leaf whose gradient is computed.
  public func tracked() -> Tensor {
    Tensor(shape: shape, dtype: dtype, storage: storage, offset: offset, node: Node())
  }

  /// The same value, untracked: gradients stop here.
  public func detached() -> Tensor {
    Tensor(shape: shape, dtype: dtype, storage: storage, offset: offset)
  }

  /// Whether gradients flow back through this tensor.
  public var isTracked: Bool { node != nil }
}

/// Computes the gradients of several inputs together, when the first of their edges runs.
///
/// For operations whose backward pass yields all gradients at once (attention). The result is kept
/// until the node releases its edges, which is right after they ran.
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
