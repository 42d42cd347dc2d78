import Kernels

extension Tensor {
  /// `y = (x - mean) / √(variance + ε) ⊙ weight + bias` over the last axis, with the biased
  /// variance.
  ///
  /// The result has the type of the input; statistics and arithmetic are float32.
  ///
  /// - Parameters:
  ///   - weight: `[D]`, or nil together with `bias` for normalisation alone.
  ///   - bias: `[D]`
  ///   - epsilon: Added to the variance.
  /// - Gradient: keeps `x`, and the mean and reciprocal deviation of every row.
  /// - Source: Ba, Kiros and Hinton 2016.
  public func layerNorm(weight: Tensor?, bias: Tensor?, epsilon: Float = 1e-5) -> Tensor {
    precondition(rank >= 1, "layerNorm: needs at least one axis, got shape \(shape)")
    let width = shape[rank - 1]
    precondition(
      weight?.shape == bias?.shape && weight.map { $0.shape == [width] } ?? true,
      "layerNorm: weight \(weight?.shape ?? []) and bias \(bias?.shape ?? []) do not fit \(shape)")
    let norm = RowNormalization(x: detached(), weight: weight?.detached(), width: width)
    let y = norm.forward(bias: bias, epsilon: epsilon)
    let joint = JointPullback(norm.backward)
    return y.derived(
      from: edge { joint($0).input }, weight?.edge { joint($0).weight },
      bias?.edge { joint($0).bias })
  }
}

/// The operands and statistics that the forward and backward pass of a layer norm share.
final class RowNormalization {
  private(set) var x: Tensor
  private let weight: Tensor?
  private let width: Int
  private var means: Tensor
  private var reciprocals: Tensor

  init(x: Tensor, weight: Tensor?, width: Int) {
    (self.x, self.weight, self.width) = (x, weight, width)
    let rows = x.elementCount / max(1, width)
    means = Tensor(uninitialized: [rows])
    reciprocals = Tensor(uninitialized: [rows])
  }

  /// - Parameter write: Writes the row of `x` that begins with element `start`; nil if `x` is
  ///   written already.
  func forward(
    bias: Tensor?, epsilon: Float,
    writing write: ((_ start: Int, _ width: Int, _ x: MutableReals) -> Void)? = nil
  ) -> Tensor {
    let input = x.mutableReals
    let (source, scale, shift) = (x.reals, weight?.floats, bias?.floats)
    return .filled(x.shape, dtype: x.dtype) { y in
      means.update { means in
        reciprocals.update { reciprocals in
          forEachRow(means.count, width: width, buffers: 2) { row, room in
            write?(row * width, width, input)
            etude_normalize(
              y.place(row * width, buffer: room[0]), &means[row], &reciprocals[row],
              source.floats(row * width, width, buffer: room[1]), scale, shift, epsilon, width)
            y.store(row * width, width, buffer: room[0])
          }
        }
      }
    }
  }

  /// The gradients of weight and bias are summed for each piece, then over the pieces in order.
  func backward(_ dy: Tensor) -> (input: Tensor, weight: Tensor, bias: Tensor) {
    let rows = means.elementCount
    let grain = max(1, elementGrain / max(1, width))
    let pieces = Cores.pieces(of: rows, grain: grain)
    var partial = Tensor.zeros([pieces, 2, width])
    let dx = partial.update { sums in
      Tensor.filled(x.shape, dtype: x.dtype) { dx in
        Cores.parallelPieces(rows, grain: grain) { piece, range in
          gradient(dy.reals, range, into: dx, sums: sums.baseAddress! + piece * 2 * width)
        }
      }
    }
    let total = partial.sum(axis: 0)
    return (
      dx, total.sliced(axis: 0, 0..<1).reshaped([width]),
      total.sliced(axis: 0, 1..<2).reshaped([width])
    )
  }

  /// Writes the rows of `dx`, and adds to the gradients of weight and bias in `sums`.
  private func gradient(
    _ dy: Reals, _ rows: Range<Int>, into dx: MutableReals, sums: UnsafeMutablePointer<Float>
  ) {
    let (source, scale) = (x.reals, weight?.floats)
    let (means, reciprocals) = (means.floats, reciprocals.floats)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 3 * width) { room in
      guard let room = room.baseAddress else { return }
      for row in rows {
        let start = row * width
        etude_normalize_gradient(
          dx.place(start, buffer: room), scale == nil ? nil : sums,
          scale == nil ? nil : sums + width,
          source.floats(start, width, buffer: room + width),
          dy.floats(start, width, buffer: room + 2 * width), scale, means[row], reciprocals[row],
          width)
        dx.store(start, width, buffer: room)
      }
    }
  }
}
