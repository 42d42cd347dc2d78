/// The area under the receiver operating characteristic.
///
/// For one class it is the probability that a random example of the class has a higher score than a random other
/// one; a tie counts one half. 0.5 by guessing, 1 at best.
public enum ROCAUC {
  /// The plain mean over the classes; those of which all or no examples are positive are skipped, and counted.
  ///
  /// - Returns: 0…1; NaN if a score is NaN or all classes are skipped.
  /// - Source: `sklearn.metrics.roc_auc_score(average="macro")`, which refuses such classes.
  public static func macro(_ answers: ClassScores) -> MacroAverage {
    answers.macroAverage(area)
  }

  /// The trapezoids between neighbouring points of the curve.
  private static func area(of examples: RankedExamples) -> Double {
    let doubled = examples.sum { before, after in
      Double(after.negatives - before.negatives) * Double(after.positives + before.positives)
    }
    return doubled / 2 / Double(examples.total.positives) / Double(examples.total.negatives)
  }
}
