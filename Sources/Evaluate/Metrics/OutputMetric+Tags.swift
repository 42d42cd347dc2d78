extension OutputMetric {
  /// The area under the curve of true over false positives, the mean over tags.
  public static let rocAUC = OutputMetric(
    TaskMetric("rocAUC", name: "ROC-AUC", chance: 0.5)
  ) {
    ROCAUC.macro($0.classScores).value
  }

  /// The area under the curve of precision over recall, the mean over tags.
  public static let averagePrecision = OutputMetric(
    TaskMetric("averagePrecision", name: "average precision")
  ) {
    AveragePrecision.macro($0.classScores).value
  }
}

extension TaskAnswers {
  /// The outputs and whether each tag applies.
  fileprivate var classScores: ClassScores {
    let applies = truth.flatMap { truth -> [Bool] in
      guard case .labels(let labels) = truth else {
        preconditionFailure("TaskAnswers: expected labels, got \(truth)")
      }
      var row = [Bool](repeating: false, count: classes.count)
      for label in labels { row[label] = true }
      return row
    }
    return ClassScores(outputs.flatMap(\.self), truth: applies, classes: classes.count)
  }
}
