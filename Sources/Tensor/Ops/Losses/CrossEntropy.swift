import Kernels

extension Tensor {
  /// `-log softmax(x)[target]` of every row: `[N, V] -> [N]`, in nats, of type `float32`.
  ///
  /// - Parameter targets: `N` classes, each in `0..<V`.
  /// - Gradient: `dx = dy (softmax(x) - onehot(target))`; keeps `x`.
  /// - Traps when: a target is not in `0..<V`, or the number of targets is not `N`.
  public func crossEntropy(targets: [Int32]) -> Tensor {
    precondition(
      rank == 2 && shape[0] == targets.count,
      "crossEntropy: \(targets.count) targets do not fit logits \(shape)")
    let classes = shape[1]
    precondition(
      targets.allSatisfy { $0 >= 0 && $0 < classes },
      "crossEntropy: a target is not in 0..<\(classes)")
    if dtype == .bfloat16 { return cast(to: .float32).crossEntropy(targets: targets) }
    let logits = detached()
    let x = logits.floats
    let losses = Tensor.filled([targets.count]) { y in
      forEachRow(of: shape) { row in
        let start = x + row * classes
        y[row] = etude_log_sum_exp(start, classes) - start[Int(targets[row])]
      }
    }
    return losses.derived(from: edge { logits.crossEntropyGradient(targets, $0) })
  }

  private func crossEntropyGradient(_ targets: [Int32], _ dy: Tensor) -> Tensor {
    let classes = shape[1]
    let (x, dy) = (floats, dy.scalars)
    return .filled(shape) { dx in
      forEachRow(of: shape) { row in
        let start = dx + row * classes
        etude_softmax(start, x + row * classes, classes, classes)
        start[Int(targets[row])] -= 1
        etude_affine(start, start, dy[row], 0, classes)
      }
    }
  }
}
