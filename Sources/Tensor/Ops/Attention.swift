import Kernels

extension Tensor {
  /// Scaled dot-product attention of `heads` heads side by side:
  /// `softmax(Q Kᵀ / √(D / heads)) V`, all `[B, T, D]`.
  ///
  /// - Parameters:
  ///   - dropout: Zeroes attention weights while training.
  ///   - lengths: Valid frames of every sample; later ones are not attended to. Nil: all.
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
    guard queries.dtype == .float32 else {
      return attention(
        queries: queries.cast(to: .float32), keys: keys.cast(to: .float32),
        values: values.cast(to: .float32), heads: heads, dropout: dropout, lengths: lengths
      ).cast(to: queries.dtype)
    }
    let attention = AttentionHeads(
      queries: queries.detached(), keys: keys.detached(), values: values.detached(), heads: heads,
      dropout: dropout, lengths: lengths)
    let (y, logSums) = attention.forward()
    let joint = JointPullback { attention.backward($0, y: y, logSums: logSums) }
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
    let y = Tensor(uninitialized: queries.shape)
    let logSums = Tensor(uninitialized: [batch, heads, time])
    let (out, sums) = (
      UnsafeMutablePointer(mutating: y.floats), UnsafeMutablePointer(mutating: logSums.floats)
    )
    forEachHead { head in
      let memory = HeadMemory(tiles: 1, panels: 2, time: time, depth: depth)
      let (keys, values) = (memory.panel(0), memory.panel(1))
      memory.transpose(head.start(of: self.keys), stride: width, into: keys)
      memory.copy(head.start(of: self.values), stride: width, rows: time, into: values)
      memory.forEachBlock { row, rows in
        let scores = memory.tile(0)
        let start = row * width
        memory.scores(
          of: head.start(of: queries) + start, stride: width, rows: rows, by: keys, into: scores)
        let mask = mask(of: head, row: row)
        withOptional(mask) {
          etude_attention_weights(
            scores, sums + head.number * time + row, memory.factors, rows, memory.paddedTime,
            valid(head), scale, $0)
        }
        memory.weightedSum(of: values, by: scores, rows: rows, into: memory.block)
        memory.store(
          rows: rows, times: memory.factors, into: out + head.offset + start, stride: width)
      }
    }
    return (y, logSums)
  }

  func backward(
    _ dy: Tensor, y: Tensor, logSums: Tensor
  ) -> (queries: Tensor, keys: Tensor, values: Tensor) {
    let gradients = (0..<3).map { _ in Tensor(uninitialized: dy.shape) }
    let outputs = gradients.map { UnsafeMutablePointer(mutating: $0.floats) }
    forEachHead { head in
      backward(head, dy: dy, y: y, logSums: logSums, into: outputs.map { $0 + head.offset })
    }
    return (gradients[0], gradients[1], gradients[2])
  }

  /// One head: with weights `P`, dropped `P̃`: `dV = P̃ᵀ dO`, `dP = drop(dO Vᵀ)`,
  /// `dS = P ⊙ (dP - dO · O)`, `dQ = dS K`, `dK = dSᵀ Q`.
  private func backward(
    _ head: Head, dy: Tensor, y: Tensor, logSums: Tensor, into out: [UnsafeMutablePointer<Float>]
  ) {
    let memory = HeadMemory(tiles: 2, panels: 6, time: time, depth: depth)
    let (keys, keysAcross) = (memory.panel(0), memory.panel(1))
    let (valuesAcross, inputs) = (memory.panel(2), memory.panel(3))
    let (dk, dv) = (memory.panel(4), memory.panel(5))
    memory.copy(head.start(of: self.keys), stride: width, rows: time, into: keys)
    memory.transpose(head.start(of: self.keys), stride: width, into: keysAcross)
    memory.transpose(head.start(of: values), stride: width, into: valuesAcross)
    let (q, from, to) = (head.start(of: queries), head.start(of: dy), head.start(of: y))
    memory.forEachBlock { row, rows in
      let (weights, slopes) = (memory.tile(0), memory.tile(1))
      let start = row * width
      memory.scores(of: q + start, stride: width, rows: rows, by: keysAcross, into: weights)
      memory.scores(of: from + start, stride: width, rows: rows, by: valuesAcross, into: slopes)
      for i in 0..<rows {
        let place = start + i * width
        memory.factors[i] = Float(etude_dot(from + place, to + place, depth))
      }
      withOptional(mask(of: head, row: row)) {
        etude_attention_weights_gradient(
          weights, slopes, logSums.floats + head.number * time + row, memory.factors, rows,
          memory.paddedTime, valid(head), scale, $0)
      }
      memory.copy(from + start, stride: width, rows: rows, into: inputs)
      memory.sumOverRows(of: inputs, by: weights, rows: rows, into: dv, keeping: row > 0)
      memory.copy(q + start, stride: width, rows: rows, into: inputs)
      memory.sumOverRows(of: inputs, by: slopes, rows: rows, into: dk, keeping: row > 0)
      memory.weightedSum(of: keys, by: slopes, rows: rows, into: memory.block)
      memory.store(memory.block, rows: rows, into: out[0] + start, stride: width)
    }
    memory.store(dk, rows: time, into: out[1], stride: width)
    memory.store(dv, rows: time, into: out[2], stride: width)
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

    func start(of tensor: Tensor) -> UnsafePointer<Float> { tensor.floats + offset }
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

  private func mask(of head: Head, row: Int) -> EtudeDropout? {
    dropout?.weights(
      sample: head.sample, row: head.index * time + row, columns: (time + 63) / 64 * 64)
  }
}

extension DropoutMask {
  /// The mask of attention weights from a row on, counted over the heads of a sample.
  fileprivate func weights(sample: Int, row: Int, columns: Int) -> EtudeDropout {
    EtudeDropout(
      seed: seed, sample: UInt32(truncatingIfNeeded: samples[sample]),
      step: UInt32(truncatingIfNeeded: step), purpose: purpose,
      threshold: UInt32(Double(probability) * 4_294_967_296), scale: 1 / (1 - probability),
      first: row * columns, row: columns)
  }
}

private func withOptional<Value>(_ value: Value?, _ body: (UnsafePointer<Value>?) -> Void) {
  guard let value else { return body(nil) }
  withUnsafePointer(to: value) { body($0) }
}
