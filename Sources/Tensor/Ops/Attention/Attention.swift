import Kernels

extension Tensor {
  /// Scaled dot-product attention of `heads` heads side by side:
  /// `softmax(Q Kᵀ / √(D / heads)) V`, all `[B, T, D]`.
  ///
  /// - Parameters:
  ///   - dropout: Zeroes attention weights while training.
  ///   - lengths: Valid frames of every sample; later ones are not attended to. Nil: all.
  /// In `bfloat16` weights are rounded before they are multiplied; softmax and sums are float32.
  /// - Gradient: the weights are computed again, a few rows at a time; keeps `Q`, `K`, `V`, the
  ///   result, and one number for every row of weights.
  /// - Complexity: Memory grows with `T`, not with its square.
  /// - Traps when: the shapes differ, `heads` does not divide `D`, or lengths or dropout do not fit.
  /// - Source: Vaswani et al. 2017, 3.2; the backward pass by row sums as in Dao et al. 2022.
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
    precondition(
      keys.dtype == queries.dtype && values.dtype == queries.dtype,
      "attention: types differ, \(queries.dtype), \(keys.dtype), \(values.dtype)")
    let attention = AttentionHeads(
      queries: queries.detached(), keys: keys.detached(), values: values.detached(), heads: heads,
      dropout: dropout, lengths: lengths)
    let (y, logSums) = attention.forward()
    let joint = JointPullback { [dtype = y.dtype] in
      attention.backward($0.converted(to: dtype), y: y, logSums: logSums)
    }
    return y.derived(
      from: queries.edge { joint($0).queries }, keys.edge { joint($0).keys },
      values.edge { joint($0).values })
  }
}

/// Every head of every sample is a unit of work, its rows of weights taken in blocks that stay in a
/// core's second-level cache.
private struct AttentionHeads {
  let queries: Tensor
  let keys: Tensor
  let values: Tensor
  let heads: Int
  let dropout: DropoutMask?
  let lengths: [Int]?

  private var batch: Int { queries.shape[0] }
  private var time: Int { queries.shape[1] }
  private var width: Int { queries.shape[2] }
  private var depth: Int { width / heads }
  private var scale: Float { 1 / Float(depth).squareRoot() }

  /// The result, and `ln Σ exp` of every row of scores, `[B, heads, T]`.
  func forward() -> (Tensor, logSums: Tensor) {
    let y = Tensor(uninitialized: queries.shape, dtype: queries.dtype)
    let logSums = Tensor(uninitialized: [batch, heads, time])
    let sums = UnsafeMutablePointer(mutating: logSums.floats)
    forEachHead { head in
      forward(head, into: y.mutableReals + head.offset, logSums: sums + head.number * time)
    }
    return (y, logSums)
  }

  private func forward(
    _ head: Head, into y: MutableReals, logSums: UnsafeMutablePointer<Float>
  ) {
    let memory = HeadMemory.forStretches(time: time, depth: depth, dtype: queries.dtype)
    let (across, values, scores) = (memory.panel(0), memory.panel(1), memory.tile(0))
    memory.loadAcross(head.start(of: keys), stride: width, into: across, room: memory.panel(2))
    memory.loadDown(head.start(of: self.values), stride: width, into: values)
    memory.forEachBlock { row, rows in
      let q = head.start(of: queries) + row * width
      memory.beginRows(rows)
      memory.forEachStretch(of: valid(head)) { keys in
        memory.scores(of: q, stride: width, rows: rows, by: across, keys: keys, into: scores)
        withOptional(mask(of: head, row: row, key: keys.lowerBound)) {
          memory.soften(scores, rows: rows, keys: keys, scale: scale, dropout: $0)
        }
        memory.weightedSum(of: values, by: scores, rows: rows, keys: keys)
      }
      memory.finishRows(rows, logSums: logSums + row)
      memory.store(memory.block(0), rows: rows, into: y + row * width, stride: width)
    }
  }

  func backward(
    _ dy: Tensor, y: Tensor, logSums: Tensor
  ) -> (queries: Tensor, keys: Tensor, values: Tensor) {
    let gradients = (0..<3).map { _ in Tensor(uninitialized: dy.shape, dtype: queries.dtype) }
    forEachHead { head in
      backward(head, dy: dy, y: y, logSums: logSums, into: gradients)
    }
    return (gradients[0], gradients[1], gradients[2])
  }

  /// One head: with weights `P`, dropped `P̃`: `dV = P̃ᵀ dO`, `dP = drop(dO Vᵀ)`,
  /// `dS = P ⊙ (dP - dO · O)`, `dQ = dS K`, `dK = dSᵀ Q`.
  private func backward(
    _ head: Head, dy: Tensor, y: Tensor, logSums: Tensor, into gradients: [Tensor]
  ) {
    let memory = HeadMemory.forWholeRows(time: time, depth: depth, dtype: queries.dtype)
    let all = 0..<time
    let (down, across, valuesAcross) = (memory.panel(0), memory.panel(1), memory.panel(2))
    let (dk, dv) = (memory.panel(3), memory.panel(4))
    memory.loadAcross(head.start(of: keys), stride: width, into: across, room: dk)
    memory.loadAcross(head.start(of: values), stride: width, into: valuesAcross, room: dk)
    memory.loadDown(head.start(of: keys), stride: width, into: down)
    let (q, from, to) = (head.start(of: queries), head.start(of: dy), head.start(of: y))
    let (weights, slopes) = (memory.tile(0), memory.tile(1))
    memory.forEachBlock { row, rows in
      let start = row * width
      memory.scores(of: q + start, stride: width, rows: rows, by: across, keys: all, into: weights)
      memory.scores(
        of: from + start, stride: width, rows: rows, by: valuesAcross, keys: all, into: slopes)
      memory.dots(from + start, to + start, stride: width, rows: rows)
      withOptional(mask(of: head, row: row)) {
        etude_attention_weights_gradient(
          weights, slopes, logSums.floats + head.number * time + row, memory.factors, rows,
          memory.tileKeys, valid(head), scale, $0)
      }
      let later = row > 0
      memory.sumOverRows(
        of: from + start, stride: width, by: weights, rows: rows, into: dv, adding: later)
      memory.sumOverRows(
        of: q + start, stride: width, by: slopes, rows: rows, into: dk, adding: later)
      memory.round(slopes, rows: rows)
      memory.weightedSum(of: down, by: slopes, rows: rows, keys: all)
      memory.store(
        memory.block(0), rows: rows, into: head.place(in: gradients[0]) + start, stride: width)
    }
    memory.store(dk, rows: time, into: head.place(in: gradients[1]), stride: width)
    memory.store(dv, rows: time, into: head.place(in: gradients[2]), stride: width)
  }

  /// One head of one sample.
  private struct Head {
    let sample: Int
    /// Within the sample.
    let index: Int
    /// Counted over all samples.
    let number: Int
    /// Of its first element in `[B, T, D]`.
    let offset: Int

    func start(of tensor: Tensor) -> Reals { tensor.reals + offset }
    func place(in tensor: Tensor) -> MutableReals { tensor.mutableReals + offset }
  }

  private func forEachHead(_ body: (Head) -> Void) {
    guard time > 0, width > 0 else { return }
    Cores.forEach(batch * heads) { number in
      let (sample, index) = (number / heads, number % heads)
      body(
        Head(
          sample: sample, index: index, number: number,
          offset: sample * time * width + index * depth))
    }
  }

  private func valid(_ head: Head) -> Int { lengths?[head.sample] ?? time }

  private func mask(of head: Head, row: Int, key: Int = 0) -> EtudeDropout? {
    dropout?.weights(
      sample: head.sample, row: head.index * time + row, key: key,
      columns: (time + 63) / 64 * 64)
  }
}

extension DropoutMask {
  /// The mask of attention weights from a row and key on; rows are counted over the heads of a sample.
  fileprivate func weights(sample: Int, row: Int, key: Int, columns: Int) -> EtudeDropout {
    EtudeDropout(
      seed: seed, sample: UInt32(truncatingIfNeeded: samples[sample]),
      step: UInt32(truncatingIfNeeded: step), purpose: purpose,
      threshold: UInt32(Double(probability) * 4_294_967_296), scale: 1 / (1 - probability),
      first: row * columns + key, row: columns)
  }
}

private func withOptional<Value>(_ value: Value?, _ body: (UnsafePointer<Value>?) -> Void) {
  guard let value else { return body(nil) }
  withUnsafePointer(to: value) { body($0) }
}
