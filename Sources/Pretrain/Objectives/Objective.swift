import Settings
import Tensor

/// What a run minimises: the sum of the parts that its recipe names.
public struct Objective: Configuration {
  /// Predict the teachers' codes (HuBERT, MERT). Needs a teacher of labels, as `teacher.kmeans`.
  public var codes: CodePrediction.Config?
  /// Predict the constant-Q spectrum (MERT).
  public var cqt: SpectrumPrediction.Config?
  /// Predict the features of the moving average of the model (data2vec). Needs `teacher.ema`.
  public var regression: TeacherRegression.Config?
  /// Predict the log-mel spectrum.
  public var mel: MelPrediction.Config?
  /// Predict the codes of a frozen random projection (BEST-RQ).
  public var randomProjection: RandomProjectionPrediction.Config?
  /// Predict the codes of a fitted quantiser, computed in the step (MuQ). Needs its file.
  public var projectedRVQ: ProjectedCodePrediction.Config?
  /// Predict tokens of features of the crop, of one stream or several (MusicFM, MuQ, OMAR-RQ).
  public var tokens: TokenPrediction.Config?
  /// Predict features of the crop themselves, of one stream or several.
  public var features: FeatureRegression.Config?
  /// Tell two crops of one file from those of others (CLMR). Needs `data.cropsPerFile` 2.
  public var contrast: ContrastPrediction.Config?
  /// Predict the class of a crop's key, of clusters that turn with a transposition.
  public var keyClusters: KeyClusterPrediction.Config?
  /// Predict the key signature of a crop, which a small net learns from transpositions (STONE).
  public var keySignature: KeySignaturePrediction.Config?
  /// Predict the pitch of a frame, which a small net learns from transpositions (PESTO).
  public var relativePitch: RelativePitchPrediction.Config?
  /// Weight of codes and spectrum at masked frames; fairseq's `pred_masked_weight`.
  public var maskedWeight: Float = 1
  /// Weight of codes and spectrum at the other frames; fairseq's `pred_nomask_weight`, which is for codes
  /// alone. With `n` masked and `m` other frames and their mean losses `L` and `L'` the loss is
  /// `maskedWeight L` if this is 0, else `(maskedWeight n L + unmaskedWeight m L') / (n + m)`.
  public var unmaskedWeight: Float = 0
  /// Weight of the mean squared output of the front end, which keeps that output from growing.
  public var featurePenalty: Float = 0
  /// No part yet: a recipe names at least one.
  public init() {}

  /// The heads that it names, in the order of declaration.
  public var heads: [any HeadSetting] { parts((any HeadSetting).self) }

  /// Whether any of them is fitted to the collection before the first step.
  public var isFitted: Bool { heads.contains { $0 is any FittedHeadSetting } }

  /// Weights: of the two for frames, at least one is above 0, and of those of the parts.
  public func validate() throws(InvalidSetting) {
    try require(notNegative: "maskedWeight", maskedWeight)
    try require(notNegative: "unmaskedWeight", unmaskedWeight)
    try require(
      maskedWeight + unmaskedWeight > 0, "maskedWeight",
      "is 0 as unmaskedWeight is, so no frame counts; raise one of them",
      against: ["unmaskedWeight"])
    try require(notNegative: "featurePenalty", featurePenalty)
    try require(
      unmaskedWeight == 0 || heads.isEmpty || heads.contains { type(of: $0).source != .teacher },
      "unmaskedWeight",
      "has no effect on a regression; leave it out")
    guard let first = heads.first else { return }
    let names = heads.map { "\(type(of: $0).name).weight" }
    try require(
      heads.contains { $0.weight > 0 }, names[0],
      "is \(first.weight.inWords), and no other part of the objective has a weight above 0, so nothing is learned; raise "
        + "one, or leave the part out",
      against: Array(names.dropFirst()))
  }
}
