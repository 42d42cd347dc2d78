import Tensor

extension Truth {
  /// The loss of a probe's outputs, `[B, outputs] -> []`.
  ///
  /// A class: the mean of `-log softmax(y)[class]`. Labels: the mean over all outputs of
  /// `-log sigmoid(y)` where the label applies, else `-log(1 - sigmoid(y))`. Numbers: the mean square of the
  /// difference.
  /// - Traps when: the truths are of another kind.
  package static func loss(of outputs: Tensor, _ truth: [Truth]) -> Tensor {
    loss(truth, outputs: outputs.shape[1])(outputs)
  }

  /// The loss as a function of outputs, for many of them with the same truth.
  static func loss(_ truth: [Truth], outputs: Int) -> (Tensor) -> Tensor {
    switch truth[0] {
    case .label:
      let classes = truth.map(\.number)
      return { $0.crossEntropy(targets: classes).mean() }
    case .labels:
      let labels = truth.indicators([truth.count, outputs])
      return { ($0.softplus() - $0 * labels).mean() }
    case .numbers:
      let numbers = truth.indicators([truth.count, outputs])
      return { ($0 - numbers).squared().mean() }
    case .beats, .stems: preconditionFailure("Truth.loss: no probe of single vectors predicts this")
    }
  }

  /// The misfit of a regression: the loss, of labels its sum over the labels instead of the mean, of numbers half of the
  /// sum, so that a penalty means the same for each output as if it were fitted alone.
  package static func misfit(_ truth: [Truth], outputs: Int) -> (Tensor) -> Tensor {
    let loss = loss(truth, outputs: outputs)
    switch truth[0] {
    case .labels: return { loss($0) * Float(outputs) }
    case .numbers: return { loss($0) * (Float(outputs) / 2) }
    default: return loss
    }
  }

  /// The class.
  private var number: Int32 {
    guard case .label(let number) = self else {
      preconditionFailure("Truth.loss: expected a class, got \(self)")
    }
    return Int32(number)
  }
}

extension [Truth] {
  /// 1 where a label applies, else 0; or the numbers.
  fileprivate func indicators(_ shape: Shape) -> Tensor {
    var values = [Float](repeating: 0, count: shape[0] * shape[1])
    for (row, truth) in enumerated() {
      switch truth {
      case .labels(let labels): for label in labels { values[row * shape[1] + label] = 1 }
      case .numbers(let numbers):
        for (column, number) in numbers.enumerated() {
          values[row * shape[1] + column] = Float(number)
        }
      default: preconditionFailure("Truth.loss: expected labels or numbers, got \(truth)")
      }
    }
    return Tensor(values, shape: shape)
  }
}
