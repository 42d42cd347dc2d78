import Kernels

extension Tensor {
  /// ELU of a signal with frames added at its ends, in one pass over memory:
  /// `[B, T, C] -> [B, left + T + right, C]`. Numbers and bits are those of `elu()` followed by `padded`.
  ///
  /// - Parameters:
  ///   - padding: The added frames.
  ///   - mode: Their content.
  /// - Gradient: That of an added frame goes to the frame that it repeats, then `dx = dy` where
  ///   `y > 0`, else `dy ⊙ (y + 1)`; keeps the result.
  /// - Traps when: the shape is not `[B, T, C]`, a reflected signal is not longer than the padding, or
  ///   a replicated signal has no frame.
  public func elu(padded padding: Padding, mode: Padding.Mode = .zeros) -> Tensor {
    checkPadding("elu", padding, mode)
    let frames = PaddedFrames(time: shape[1], padding: padding, mode: mode)
    let y = frames.forward(detached()) { y, x, count in
      if x.dtype == .float32 {
        etude_elu(y.float32, x.float32, 1, count)
      } else {
        etude_elu_bfloat(y.bfloat16, x.bfloat16, 1, count)
      }
    }
    return y.derived(from: edge { frames.activationGradient($0, of: y) })
  }
}

extension PaddedFrames {
  /// The gradient of the signal before ELU, from that of the padded result.
  ///
  /// - Parameter y: The padded result.
  fileprivate func activationGradient(_ dy: Tensor, of y: Tensor) -> Tensor {
    let dy = dy.converted(to: y.dtype)
    let (from, slopes, width) = (dy.reals, y.reals, y.shape[2])
    defer { withExtendedLifetime(dy) {} }
    return .filled(y.shape.replacing(axis: 1, with: time), dtype: y.dtype) { dx in
      Cores.forEach(y.shape[0]) { b in
        let (first, place) = ((b * count + own.lowerBound) * width, dx + b * time * width)
        place.activationGradient(from + first, of: slopes + first, time * width)
        addMirrored(from + b * count * width, of: slopes + b * count * width, width, to: place)
      }
    }
  }

  /// Computes the frames again that added frames repeat, with the sum of the gradients in float32.
  private func addMirrored(_ dy: Reals, of y: Reals, _ width: Int, to dx: MutableReals) {
    var added: [Int: [Int]] = [:]
    forEachAdded { frame, source in if let source { added[source, default: []].append(frame) } }
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 3 * width) { memory in
      let (sum, other) = (memory.baseAddress!, memory.baseAddress! + width)
      for (source, frames) in added {
        let frame = own.lowerBound + source
        sum.update(from: dy.floats(frame * width, width, buffer: other), count: width)
        for frame in frames {
          etude_accumulate(sum, dy.floats(frame * width, width, buffer: other), 1, width)
        }
        let result = dx.place(source * width, buffer: other + width)
        etude_elu_gradient(
          result, y.floats(frame * width, width, buffer: other), sum, 1, width)
        dx.store(source * width, width, buffer: other + width)
      }
    }
  }
}

extension MutableReals {
  /// Writes the gradient of ELU's input from that of its result `y`.
  fileprivate func activationGradient(_ dy: Reals, of y: Reals, _ count: Int) {
    if dtype == .float32 {
      etude_elu_gradient(float32, y.float32, dy.float32, 1, count)
    } else {
      etude_elu_gradient_bfloat(bfloat16, y.bfloat16, dy.bfloat16, 1, count)
    }
  }
}
