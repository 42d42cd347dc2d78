import Kernels

extension Tensor {
  /// Scaled dot-product attention of `heads` heads side by side:
  /// `softmax(Q Kᵀ / √(D / heads) + bias) V`, a result of `[B, Tq, D]`.
  ///
  /// The number of keys may differ from the number of queries (cross-attention). A query without
  /// any key to attend to gives 0 and gets no gradient. In `bfloat16` the weights are rounded
  /// before the product with the values; scores, softmax and sums are float32.
  ///
  /// - Parameters:
  ///   - queries: `[B, Tq, D]`
  ///   - keys: `[B, Tk, D]`, of the queries' type.
  ///   - values: `[B, Tk, D]`, of the queries' type.
  ///   - heads: `H`, which divides `D`.
  ///   - bias: Added to the scores, of a real type: `[H, Tq, Tk]`, `[1, Tq, Tk]` for the same bias
  ///     in all heads, or `[B, H, Tq, Tk]`. `-∞` excludes a key. Nil: no bias.
  ///   - context: Which keys a query may attend to, by their time.
  ///   - dropout: The dropout of the attention weights. Nil: none.
  ///   - lengths: The number of valid keys of every sample; later keys are excluded. Nil: all are
  ///     valid.
  /// - Gradient: the weights are computed again, a block of rows at a time; keeps `Q`, `K`, `V`,
  ///   the bias, the result, and one number for every row of weights. The gradient of a bias that
  ///   samples share is summed over the samples in order, on one thread for each head.
  /// - Complexity: Time grows with `B D Tq Tk`; a causal context takes about half of it. Memory
  ///   grows with `Tq + Tk`; the gradient of a bias takes `[H, Tq, Tk]`, or the shape of the bias
  ///   if that has samples.
  /// - Traps when: shapes or types differ, `heads` does not divide `D`, or the shape of bias,
  ///   lengths or dropout does not fit.
  /// - Source: Vaswani et al. 2017, 3.2; the backward pass by row sums as in Dao et al. 2022.
  public static func attention(
    queries: Tensor, keys: Tensor, values: Tensor, heads: Int, bias: Tensor? = nil,
    context: AttentionContext = .all, dropout: DropoutMask? = nil, lengths: [Int]? = nil
  ) -> Tensor {
    let attention = AttentionHeads(
      queries: queries.detached(), keys: keys.detached(), values: values.detached(), heads: heads,
      bias: bias.map(AttentionBias.init), context: context, dropout: dropout, lengths: lengths)
    attention.requireFit()
    let (y, logSums) = attention.forward()
    let joint = JointPullback { [dtype = y.dtype] in
      attention.backward($0.converted(to: dtype), y: y, logSums: logSums)
    }
    return y.derived(
      from: queries.edge { joint($0).queries }, keys.edge { joint($0).keys },
      values.edge { joint($0).values }, bias?.edge { joint($0).bias! })
  }
}

/// Both passes of attention. Each head of each sample is one unit of work. Its weights are computed
/// in blocks of rows that fit a core's second-level cache.
private struct AttentionHeads {
  let queries: Tensor
  let keys: Tensor
  let values: Tensor
  let heads: Int
  let bias: AttentionBias?
  let context: AttentionContext
  let dropout: DropoutMask?
  let lengths: [Int]?

  private var batch: Int { queries.shape[0] }
  private var queryCount: Int { queries.shape[1] }
  private var keyCount: Int { keys.shape[1] }
  private var width: Int { queries.shape[2] }
  private var depth: Int { width / heads }
  private var isEmpty: Bool { queryCount == 0 || keyCount == 0 || width == 0 }

  func requireFit() {
    let (shape, other) = (queries.shape, keys.shape)
    precondition(
      shape.rank == 3 && other.rank == 3 && values.shape == other && other[0] == shape[0]
        && other[2] == shape[2] && heads > 0 && shape[2] % heads == 0,
      "attention: \(heads) heads of \(shape), \(other), \(values.shape) do not fit")
    precondition(
      lengths.map { $0.count == batch && $0.allSatisfy { $0 > 0 && $0 <= keyCount } } ?? true,
      "attention: lengths \(lengths ?? []) do not fit shape \(other)")
    precondition(
      dropout.map { $0.samples.count == batch && $0.frames == nil } ?? true,
      "attention: \(dropout?.samples.count ?? 0) sample numbers of a dropout do not fit \(shape)")
    precondition(
      keys.dtype == queries.dtype && values.dtype == queries.dtype,
      "attention: types differ, \(queries.dtype), \(keys.dtype), \(values.dtype)")
    bias?.requireFit(batch: batch, heads: heads, queries: queryCount, keys: keyCount)
  }

  /// The result, and `ln Σ exp` of every row of scores, `[B, heads, Tq]`.
  func forward() -> (Tensor, logSums: Tensor) {
    let y = room(for: queries)
    let logSums = Tensor(uninitialized: [batch, heads, queryCount])
    let sums = UnsafeMutablePointer(mutating: logSums.floats)
    forEachHead { head in forward(head, into: y, logSums: sums + head.number * queryCount) }
    return (y, logSums)
  }

  private func forward(_ head: Head, into y: Tensor, logSums: UnsafeMutablePointer<Float>) {
    let memory = HeadMemory.forStretches(
      queries: queryCount, keys: keyCount, depth: depth, dtype: queries.dtype)
    let (across, values, tile) = (memory.panel(0), memory.panel(1), memory.tile(0))
    memory.loadAcross(head.start(of: keys), stride: width, into: across, room: memory.panel(2))
    memory.loadDown(head.start(of: self.values), stride: width, into: values)
    memory.forEachBlock { row, rows in
      memory.beginRows(rows)
      memory.forEachStretch(of: attendedKeys(before: row + rows, by: head)) { keys in
        scores(of: head, row: row, rows: rows, by: across, keys: keys, into: tile, memory)
        withOptional(mask(of: head, row: row, key: keys.lowerBound)) {
          memory.soften(tile, rows: rows, keys: keys, dropout: $0)
        }
        memory.weightedSum(of: values, by: tile, rows: rows, keys: keys)
      }
      memory.finishRows(rows, logSums: logSums + row)
      memory.store(
        memory.block(0), rows: rows, into: head.place(in: y) + row * width, stride: width)
    }
  }

  /// The scores `[rows, keys]` before the softmax: the bias is added, and an excluded key has a
  /// very low score.
  private func scores(
    of head: Head, row: Int, rows: Int, by across: UnsafeMutablePointer<Float>, keys: Range<Int>,
    into tile: UnsafeMutablePointer<Float>, _ memory: HeadMemory
  ) {
    let q = head.start(of: queries) + row * width
    memory.scores(of: q, stride: width, rows: rows, by: across, keys: keys, into: tile)
    if let bias {
      let start = bias.start(sample: head.sample, head: head.index) + row * keyCount
      memory.add(start + keys.lowerBound, stride: keyCount, to: tile, rows: rows, keys: keys)
    }
    if context == .causal { memory.excludeLater(in: tile, than: row, rows: rows, keys: keys) }
  }

  typealias Gradients = (queries: Tensor, keys: Tensor, values: Tensor, bias: Tensor?)

  func backward(_ dy: Tensor, y: Tensor, logSums: Tensor) -> Gradients {
    let gradients: Gradients = (
      room(for: queries), room(for: keys), room(for: values), bias?.gradientRoom(heads: heads)
    )
    forEachHead(takingSamplesInTurn: bias?.sumsOverSamples ?? false) { head in
      backward(head, dy: dy, y: y, logSums: logSums, into: gradients)
    }
    return (
      gradients.queries, gradients.keys, gradients.values,
      gradients.bias.map { bias!.gradient(from: $0) }
    )
  }

  /// The backward pass of one head. With weights `P` and dropped weights `P̃`: `dV = P̃ᵀ dO`,
  /// `dP = drop(dO Vᵀ)`, `dS = P ⊙ (dP - dO · O)`, `dQ = dS K`, `dK = dSᵀ Q`; `dS` is also the
  /// gradient of the bias.
  private func backward(
    _ head: Head, dy: Tensor, y: Tensor, logSums: Tensor, into gradients: Gradients
  ) {
    let memory = HeadMemory.forWholeRows(
      queries: queryCount, keys: keyCount, depth: depth, dtype: queries.dtype)
    let (down, across, valuesAcross) = (memory.panel(0), memory.panel(1), memory.panel(2))
    let (dk, dv) = (memory.panel(3), memory.panel(4))
    memory.loadAcross(head.start(of: keys), stride: width, into: across, room: dk)
    memory.loadAcross(head.start(of: values), stride: width, into: valuesAcross, room: dk)
    memory.loadDown(head.start(of: keys), stride: width, into: down)
    let (q, from, to) = (head.start(of: queries), head.start(of: dy), head.start(of: y))
    let (weights, slopes) = (memory.tile(0), memory.tile(1))
    memory.forEachBlock { row, rows in
      let start = row * width
      let keys = 0..<attendedKeys(before: row + rows, by: head)
      scores(of: head, row: row, rows: rows, by: across, keys: keys, into: weights, memory)
      memory.scores(
        of: from + start, stride: width, rows: rows, by: valuesAcross, keys: keys, into: slopes)
      memory.dots(from + start, to + start, stride: width, rows: rows)
      withOptional(mask(of: head, row: row)) {
        etude_attention_weights_gradient(
          weights, slopes, logSums.floats + head.number * queryCount + row, memory.factors, rows,
          memory.tileKeys, keys.count, memory.scale, $0)
      }
      if let bias, let sums = gradients.bias {
        let start = bias.start(of: sums, sample: head.sample, head: head.index) + row * keyCount
        memory.addUnscaled(slopes, rows: rows, keys: keys, to: start, stride: keyCount)
      }
      let later = row > 0
      memory.sumOverRows(
        of: from + start, stride: width, by: weights, rows: rows, keys: keys, into: dv,
        adding: later)
      memory.sumOverRows(
        of: q + start, stride: width, by: slopes, rows: rows, keys: keys, into: dk, adding: later)
      memory.round(slopes, rows: rows)
      memory.weightedSum(of: down, by: slopes, rows: rows, keys: keys)
      memory.store(
        memory.block(0), rows: rows, into: head.place(in: gradients.queries) + start, stride: width)
    }
    memory.store(dk, rows: keyCount, into: head.place(in: gradients.keys), stride: width)
    memory.store(dv, rows: keyCount, into: head.place(in: gradients.values), stride: width)
  }

  /// One head of one sample.
  private struct Head {
    let sample: Int
    /// The number of the head within the sample.
    let index: Int
    /// The number of the head, counted over all samples.
    let number: Int
    /// The first channel of the head.
    let channel: Int

    func start(of tensor: Tensor) -> Reals { tensor.reals + offset(in: tensor) }
    func place(in tensor: Tensor) -> MutableReals { tensor.mutableReals + offset(in: tensor) }

    /// The offset of the head's first element in `[B, T, D]`.
    private func offset(in tensor: Tensor) -> Int {
      sample * tensor.shape[1] * tensor.shape[2] + channel
    }
  }

  /// Calls `body` for each head of each sample. `takingSamplesInTurn` runs all samples of a head on
  /// one thread, in order.
  private func forEachHead(takingSamplesInTurn: Bool = false, _ body: (Head) -> Void) {
    if isEmpty { return }
    func visit(_ sample: Int, _ index: Int) {
      body(
        Head(
          sample: sample, index: index, number: sample * heads + index, channel: index * depth))
    }
    if takingSamplesInTurn {
      Cores.forEach(heads) { head in for sample in 0..<batch { visit(sample, head) } }
    } else {
      Cores.forEach(batch * heads) { number in visit(number / heads, number % heads) }
    }
  }

  /// Memory that all heads fill; zeros if there are no queries or no keys.
  private func room(for x: Tensor) -> Tensor {
    isEmpty ? .zeros(x.shape, dtype: x.dtype) : Tensor(uninitialized: x.shape, dtype: x.dtype)
  }

  /// The number of keys, counted from the first, that queries before `row` attend to.
  private func attendedKeys(before row: Int, by head: Head) -> Int {
    context.attendedKeys(before: row, of: lengths?[head.sample] ?? keyCount)
  }

  private func mask(of head: Head, row: Int, key: Int = 0) -> EtudeDropout? {
    dropout?.weights(
      sample: head.sample, row: head.index * queryCount + row, key: key,
      columns: (keyCount + 63) / 64 * 64)
  }
}

extension DropoutMask {
  /// The dropout mask of attention weights from a row and key on; rows are counted over the heads
  /// of a sample.
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
