/// Average precision: the area under the curve of precision over recall, in steps.
///
/// `AP = Σ_n (R_n − R_{n−1}) P_n` over the scores that occur, highest first, where `P_n` and `R_n` are precision and
/// recall if all examples of this score or a higher one are retrieved. No interpolation. The share of positives by
/// guessing, 1 at best.
public enum AveragePrecision {
  /// The plain mean over the classes; those of which all or no examples are positive are skipped, and counted.
  ///
  /// - Returns: 0…1; NaN if a score is NaN or all classes are skipped.
  /// - Source: `sklearn.metrics.average_precision_score(average="macro")`, which gives a class without a positive 0
  ///   and one without a negative 1 instead of skipping them.
  public static func macro(_ answers: ClassScores) -> MacroAverage {
    answers.macroAverage { examples in
      examples.sum { before, after in
        let recalled = Double(after.positives - before.positives)
        return recalled * precision(after)
      } / Double(examples.total.positives)
    }
  }

  private static func precision(_ count: RankedExamples.Count) -> Double {
    Double(count.positives) / Double(count.positives + count.negatives)
  }
}
