extension OutputMetric {
  /// The coefficient of determination of one of the numbers.
  ///
  /// - Parameters:
  ///   - id: Its name in JSON.
  ///   - column: Which of the numbers.
  ///   - name: Its name in tables.
  public static func r2(_ id: String, of column: Int, _ name: String) -> OutputMetric {
    OutputMetric(TaskMetric(id, name: name, chance: 0)) { $0.r2.quantities[column] }
  }

  /// The mean over all numbers of the coefficient of determination.
  public static let meanR2 = OutputMetric(TaskMetric("r2", name: "R²", chance: 0)) { $0.r2.mean }
}

extension TaskAnswers {
  fileprivate var r2: R2 {
    let numbers = truth.flatMap { truth -> [Float] in
      guard case .numbers(let numbers) = truth else {
        preconditionFailure("TaskAnswers: expected numbers, got \(truth)")
      }
      return numbers.map { Float($0) }
    }
    return R2(outputs.flatMap(\.self), truth: numbers, quantities: classes.count)
  }
}
