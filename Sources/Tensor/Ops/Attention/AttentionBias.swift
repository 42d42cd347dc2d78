/// The bias that attention adds to its scores, and the memory for its gradient.
struct AttentionBias {
  /// `[H, Tq, Tk]`, `[1, Tq, Tk]` or `[B, H, Tq, Tk]`.
  private let values: Tensor
  private let isTracked: Bool

  init(_ bias: Tensor) { (values, isTracked) = (bias.detached(), bias.isTracked) }

  func requireFit(batch: Int, heads: Int, queries: Int, keys: Int) {
    let scores: Shape = [batch, heads, queries, keys]
    let shapes: [Shape] = [[heads, queries, keys], [1, queries, keys], scores]
    precondition(
      shapes.contains(values.shape) && values.dtype != .int32,
      "attention: a bias \(values.shape) of \(values.dtype) does not fit scores \(scores)")
  }

  private var isPerSample: Bool { values.shape.rank == 4 }

  /// Whether the gradient is a sum over samples.
  var sumsOverSamples: Bool { isTracked && !isPerSample }

  /// The numbers of one head, `[Tq, Tk]`.
  func start(sample: Int, head: Int) -> Reals {
    values.reals + offset(in: values, sample: sample, head: head)
  }

  /// Zeros to which every head adds its gradient; nil if the bias is untracked. Heads that share
  /// the bias have separate matrices, so that threads never write the same memory.
  func gradientRoom(heads: Int) -> Tensor? {
    guard isTracked else { return nil }
    return .zeros(isPerSample ? values.shape : values.shape.replacing(axis: 0, with: heads))
  }

  /// The matrix of `room` to which one head adds.
  func start(
    of room: Tensor, sample: Int, head: Int
  ) -> UnsafeMutablePointer<Float> {
    room.mutableReals.float32 + offset(in: room, sample: sample, head: head)
  }

  /// The gradient of the bias, after every head has added its own.
  func gradient(from room: Tensor) -> Tensor {
    room.shape == values.shape ? room : room.sum(axis: 0, keepingDims: true)
  }

  private func offset(in tensor: Tensor, sample: Int, head: Int) -> Int {
    let shape = tensor.shape
    let head = shape[shape.rank - 3] == 1 ? 0 : head
    let matrix = isPerSample ? sample * shape[1] + head : head
    return matrix * shape[shape.rank - 2] * shape[shape.rank - 1]
  }
}
