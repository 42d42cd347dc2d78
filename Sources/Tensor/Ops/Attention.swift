import Kernels

extension Tensor {
  /// Scaled dot-product attention of `heads` heads side by side:
  /// `softmax(Q Kᵀ / √(D / heads)) V`, all `[B, T, D]`.
  ///
  /// - Parameters:
  ///   - dropout: Zeroes attention weights while training.
  ///   - lengths: Valid frames of every sample; later ones are not attended to. Nil: all.
  /// - Gradient: the weights are computed again, not kept; keeps `Q`, `K`, `V`.
  /// - Traps when: the shapes differ, `heads` does not divide `D`, or lengths or dropout do not fit.
  /// - Source: Vaswani et al. 2017, 3.2.
  public static func attention(
    queries: Tensor, keys: Tensor, values: Tensor, heads: Int, dropout: DropoutMask? = nil,
    lengths: [Int]? = nil
  ) -> Tensor {
    let shape = queries.shape
    precondition(
      shape.rank == 3 && keys.shape == shape && values.shape == shape && heads > 0
        && shape[2] % heads == 0,
      "attention: \(heads) heads of \(shape), \(keys.shape), \(values.shape) do not fit")
    precondition(
      lengths.map { $0.count == shape[0] && $0.allSatisfy { $0 > 0 && $0 <= shape[1] } } ?? true,
      "attention: lengths \(lengths ?? []) do not fit shape \(shape)")
    precondition(
      dropout.map { $0.samples.count == shape[0] } ?? true,
      "attention: \(dropout?.samples.count ?? 0) sample numbers of a dropout do not fit \(shape)")
    let attention = AttentionHeads(
      queries: queries.detached(), keys: keys.detached(), values: values.detached(), heads: heads,
      dropout: dropout, lengths: lengths)
    let joint = JointPullback(attention.backward)
    return attention.forward().derived(
      from: queries.edge { joint($0).queries }, keys.edge { joint($0).keys },
      values.edge { joint($0).values })
  }
}

/// Every head of every sample is a unit of work with one `[T, T]` buffer (two in the backward pass).
private struct AttentionHeads {
  let queries: Tensor
  let keys: Tensor
  let values: Tensor
  let heads: Int
  let dropout: DropoutMask?
  let lengths: [Int]?

  private var time: Int { queries.shape[1] }
  private var width: Int { queries.shape[2] }
  private var depth: Int { width / heads }
  private var scale: Float { 1 / Float(depth).squareRoot() }

  func forward() -> Tensor {
    .filled(queries.shape) { y in
      forEachHead { start, b, head in
        let weights = Tensor(uninitialized: [time, time])
        defer { withExtendedLifetime(weights) {} }
        let p = UnsafeMutablePointer(mutating: weights.floats)
        computeWeights(p, start: start, sample: b)
        drop(p, p, sample: b, head: head)
        Products.serial(
          time, depth, time, MatrixView(base: p, stride: time), view(values, start),
          into: y + start, stride: width)
      }
    }
  }

  func backward(_ dy: Tensor) -> (queries: Tensor, keys: Tensor, values: Tensor) {
    let (dq, dk) = (Tensor(uninitialized: dy.shape), Tensor(uninitialized: dy.shape))
    let dv = Tensor(uninitialized: dy.shape)
    let (q, k, v) = (
      UnsafeMutablePointer(mutating: dq.floats), UnsafeMutablePointer(mutating: dk.floats),
      UnsafeMutablePointer(mutating: dv.floats)
    )
    forEachHead { start, b, head in
      let buffers = Tensor(uninitialized: [2, time, time])
      defer { withExtendedLifetime(buffers) {} }
      let p = UnsafeMutablePointer(mutating: buffers.floats)
      let dp = p + time * time
      computeWeights(p, start: start, sample: b)
      // dV needs the dropped weights; dp serves as their buffer before it holds dP.
      if dropout == nil { dp.update(from: p, count: time * time) }
      drop(dp, p, sample: b, head: head)
      product(transposed(dp), view(dy, start), into: v + start)
      Products.serial(
        time, time, depth, view(dy, start), view(values, start, transposed: true), into: dp,
        stride: time)
      drop(dp, dp, sample: b, head: head)
      for row in 0..<time {
        etude_softmax_gradient(dp + row * time, p + row * time, dp + row * time, time)
      }
      product(MatrixView(base: dp, stride: time), view(keys, start), into: q + start, scale: scale)
      product(transposed(dp), view(queries, start), into: k + start, scale: scale)
    }
    return (dq, dk, dv)
  }

  /// `[T, T] × [T, depth]` into one head's columns.
  private func product(
    _ a: MatrixView, _ b: MatrixView, into c: UnsafeMutablePointer<Float>, scale: Float = 1
  ) {
    Products.serial(time, depth, time, a, b, into: c, stride: width, scale: scale)
  }

  private func transposed(_ base: UnsafePointer<Float>) -> MatrixView {
    MatrixView(base: base, stride: time, transposed: true)
  }

  /// One head's columns, `[T, depth]`.
  private func view(_ tensor: Tensor, _ start: Int, transposed: Bool = false) -> MatrixView {
    MatrixView(base: tensor.floats + start, stride: width, transposed: transposed)
  }

  /// Softmax of the scaled scores; weights on padding are 0.
  private func computeWeights(_ p: UnsafeMutablePointer<Float>, start: Int, sample: Int) {
    Products.serial(
      time, time, depth, view(queries, start), view(keys, start, transposed: true), into: p,
      stride: time, scale: scale)
    let valid = lengths?[sample] ?? time
    for row in 0..<time { etude_softmax(p + row * time, p + row * time, time, valid) }
  }

  private func drop(
    _ y: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, sample: Int, head: Int
  ) {
    let count = time * time
    dropout?.apply(y, x, first: head * ((count + 3) / 4 * 4), count: count, sample: sample)
  }

  private func forEachHead(_ body: (_ start: Int, _ sample: Int, _ head: Int) -> Void) {
    Cores.forEach(queries.shape[0] * heads) { item in
      let (b, head) = (item / heads, item % heads)
      body(b * time * width + head * depth, b, head)
    }
  }
}
