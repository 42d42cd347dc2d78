import Tensor

/// What a run minimises: the sum of the parts that its recipe names.
public struct Objective: Configuration {
  /// Predict the teachers' codes (HuBERT, MERT).
  public var codes: CodePrediction.Config?
  /// Predict the constant-Q spectrum (MERT).
  public var cqt: SpectrumPrediction.Config?
  /// Predict the EMA teacher's features (data2vec).
  public var regression: TeacherRegression.Config?
  /// The factor of the mean squared output of the front end, which keeps it from growing.
  public var featurePenalty: Float = 0
  /// Nothing yet: a recipe has to name at least one part.
  public init() {}
}
