import Kernels

extension Tensor {
  /// `-log softmax(x Eᵀ / temperature)[target]` of every row. Products and softmax are computed a
  /// block of rows at a time, so that the logits of all rows are never held. With rows of length 1
  /// (`l2Normalized`) the products are cosines, as in HuBERT's loss.
  ///
  /// - Parameters:
  ///   - codes: `E`, a row for each class, `[V, D]`.
  ///   - targets: A class for each row of this `[N, D]`.
  ///   - temperature: The divisor of the products.
  /// - Returns: The losses in nats, `[N]`, of type `float32`; and for each row the class with the
  ///   greatest logit, the first if several are equal.
  /// - Gradient: the logits are computed again; keeps `x` and `E`.
  /// - Traps when: the widths differ, or a target is not in `0..<V`.
  /// - Source: Hsu et al. 2021, 3.2.
  public func crossEntropy(
    among codes: Tensor, targets: [Int32], temperature: Float
  ) -> (losses: Tensor, predictions: [Int32]) {
    precondition(
      rank == 2 && codes.rank == 2 && shape[1] == codes.shape[1] && shape[0] == targets.count,
      "crossEntropy: rows \(shape), codes \(codes.shape) and \(targets.count) targets do not fit")
    let classes = codes.shape[0]
    precondition(
      targets.allSatisfy { $0 >= 0 && $0 < classes },
      "crossEntropy: a target is not in 0..<\(classes)")
    let (rows, codes) = (cast(to: .float32), codes.cast(to: .float32))
    let choice = CodeChoice(
      rows: rows.detached(), codes: codes.detached(), targets: targets, temperature: temperature)
    let (losses, predictions) = choice.forward()
    let joint = JointPullback(choice.backward)
    return (
      losses.derived(from: rows.edge { joint($0).rows }, codes.edge { joint($0).codes }),
      predictions
    )
  }
}

/// The forward and backward pass of the cross-entropy among codes.
private struct CodeChoice {
  let rows: Tensor
  let codes: Tensor
  let targets: [Int32]
  let temperature: Float

  private var classes: Int { codes.shape[0] }
  private var width: Int { codes.shape[1] }
  /// The rows whose logits are held at once: with a thousand classes they fit the second-level
  /// cache.
  private static let blockRows = 64
  /// The rows of a piece. Each piece has its own gradient of all codes.
  private static let pieceRows = 2 * blockRows

  func forward() -> (losses: Tensor, predictions: [Int32]) {
    let losses = Tensor(uninitialized: [targets.count])
    let y = UnsafeMutablePointer(mutating: losses.floats)
    let predictions = [Int32](unsafeUninitializedCapacity: targets.count) { buffer, count in
      // Safe: every row is written by one thread.
      nonisolated(unsafe) let predictions = buffer
      count = targets.count
      forEachBlock { _, row, count, logits in
        for i in 0..<count {
          let x = logits + i * classes
          y[row + i] = etude_log_sum_exp(x, classes) - x[Int(targets[row + i])]
          predictions[row + i] = Int32(etude_argmax(x, classes))
        }
      }
    }
    return (losses, predictions)
  }

  /// The gradient of the codes is summed for each piece, then over the pieces in order.
  func backward(_ dy: Tensor) -> (rows: Tensor, codes: Tensor) {
    let pieces = Cores.pieces(of: targets.count, grain: Self.pieceRows)
    let partial = Tensor.zeros([pieces, classes, width])
    let sums = UnsafeMutablePointer(mutating: partial.floats)
    let (from, x, e) = (dy.floats, rows.floats, codes.floats)
    let dx = Tensor.filled(rows.shape) { dx in
      forEachBlock { piece, row, count, logits in
        for i in 0..<count {
          let slope = logits + i * classes
          etude_softmax(slope, slope, classes, classes)
          slope[Int(targets[row + i])] -= 1
          etude_affine(slope, slope, from[row + i] / temperature, 0, classes)
        }
        Products.serial(
          count, width, classes, MatrixView(base: logits, stride: classes),
          MatrixView(base: e, stride: width), into: dx + row * width, stride: width)
        Products.serial(
          classes, width, count, MatrixView(base: logits, stride: classes, transposed: true),
          MatrixView(base: x + row * width, stride: width),
          into: sums + piece * classes * width, stride: width, keep: 1)
      }
    }
    withExtendedLifetime(partial) {}
    return (dx, partial.sum(axis: 0))
  }

  /// Calls `body` with the logits of each block of rows. `body` may change the logits.
  private func forEachBlock(
    _ body: (_ piece: Int, _ row: Int, _ count: Int, _ logits: UnsafeMutablePointer<Float>) -> Void
  ) {
    let (x, e) = (rows.floats, codes.floats)
    Cores.parallelPieces(targets.count, grain: Self.pieceRows) { piece, range in
      let buffer = Tensor(uninitialized: [Self.blockRows, classes])
      defer { withExtendedLifetime(buffer) {} }
      let logits = UnsafeMutablePointer(mutating: buffer.floats)
      for row in stride(from: range.lowerBound, to: range.upperBound, by: Self.blockRows) {
        let count = min(Self.blockRows, range.upperBound - row)
        Products.serial(
          count, classes, width, MatrixView(base: x + row * width, stride: width),
          MatrixView(base: e, stride: width, transposed: true), into: logits, stride: classes,
          scale: 1 / temperature)
        body(piece, row, count, logits)
      }
    }
  }
}
