import Tensor

extension Truth {
  /// The loss of a probe's outputs, `[B, outputs] -> []`.
  ///
  /// A class: the mean of `-log softmax(y)[class]`. Labels: the mean over all outputs of
  /// `-log sigmoid(y)` where the label applies, else `-log(1 - sigmoid(y))`. Numbers: the mean square of the
  /// difference.
  /// - Traps when: the truths are of another kind.
  package static func loss(of outputs: Tensor, _ truth: [Truth]) -> Tensor {
    switch truth[0] {
    case .label: outputs.crossEntropy(targets: truth.map(\.number)).mean()
    case .labels: (outputs.softplus() - outputs * truth.indicators(outputs.shape)).mean()
    case .numbers: (outputs - truth.indicators(outputs.shape)).squared().mean()
    case .beats, .stems: preconditionFailure("Truth.loss: no probe of single vectors predicts this")
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
