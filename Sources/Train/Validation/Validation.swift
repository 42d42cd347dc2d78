import Pretrain
import Settings

extension Recipe {
  /// What is held out of a collection, and how the model is validated on it while it trains.
  ///
  /// ```yaml
  /// validation: { share: 0.02, every: 1000, patience: 10 }
  /// ```
  public struct Validation: Configuration {
    /// Share of the files that is held out. A hash of a file's path below the collection's folder decides, so that
    /// other files never change it. A recipe names this or `manifest`.
    public var share: Double?
    /// Manifest of the held-out files, which may lie elsewhere; files of it that the collection has, too, are not
    /// trained on. A recipe names this or `share`.
    public var manifest: RecipePath?
    /// Distance between two validations, in steps. The last step is validated, too.
    public var every = 1_000
    /// Size of the sample that is validated, in crops, drawn once from the held-out files; whole batches, at least one,
    /// and at most as many crops as the files have.
    public var crops = 256
    /// What decides which checkpoint is the best.
    public var measure = Measure.loss
    /// Number of validations without a better one after which a run ends; 0 never ends it.
    public var patience = 0
    /// Probe of the built-in music while the model trains: how well a linear map finds instrument, pitch and beat in
    /// its hidden states.
    public var probe: Probe?
    /// Nothing held out yet.
    public init() {}

    /// One source, and counts.
    public func validate() throws(InvalidSetting) {
      try require(
        share != nil || manifest != nil, "", "holds nothing out; name a share or a manifest",
        against: ["share", "manifest"])
      try require(
        share == nil || manifest == nil, "share", "name a share or a manifest, one of them",
        against: ["manifest"])
      if let share { try require("share", share, in: 0.000_001...0.5) }
      try require("every", every, in: 1...Training.mostSteps)
      try require("crops", crops, in: 1...1_000_000)
      try require("patience", patience, in: 0...Training.mostSteps)
    }
  }

  /// A number of a validation.
  public enum Measure: String, Codable, Sendable, CaseIterable {
    /// The loss, lower is better.
    case loss
    /// The accuracy of predicted codes, the mean over the label sets, higher is better.
    case accuracy
  }

  /// How a model is probed while it trains: instrument, pitch and beat in a few pieces of the built-in music.
  public struct Probe: Configuration {
    /// Distance between two probes, in steps. The last step is probed, too.
    public var every = 10_000
    /// Number of pieces that are composed for it.
    public var pieces = 48
    /// Six minutes of music.
    public init() {}

    /// Counts.
    public func validate() throws(InvalidSetting) {
      try require("every", every, in: 1...Training.mostSteps)
      try require("pieces", pieces, in: 12...10_000)
    }
  }
}

extension Recipe.Measure {
  /// That of a validation; nil if it has none. Accuracies are summed by their names, so that the bits are the same each
  /// time.
  package func value(of record: ValidationRecord) -> Float? {
    guard self == .accuracy else { return record.validation.loss }
    let accuracies = record.validation.terms.filter { $0.key.isAccuracyOfCodes }
      .sorted { $0.key < $1.key }.map(\.value)
    return accuracies.isEmpty ? nil : accuracies.reduce(0, +) / Float(accuracies.count)
  }

  /// Whether a value is better than another. One that is not finite never is.
  func isBetter(_ value: Float, than other: Float) -> Bool {
    self == .loss ? value < other : value > other
  }
}

extension String {
  /// Whether it names the accuracy of the codes of a label set at masked frames: `accuracy.0`,
  /// `randomProjection.accuracy.1`, `tokens.chroma.0.accuracy`. That of keys or pairs of crops is none.
  fileprivate var isAccuracyOfCodes: Bool {
    let parts = split(separator: ".").map(String.init)
    if parts.first == TokenPrediction.Config.name { return parts.last == "accuracy" }
    let heads = [RandomProjectionPrediction.Config.name, ProjectedCodePrediction.Config.name]
    let owner = Array(parts.dropLast())
    return owner == ["accuracy"] || heads.contains { owner == [$0, "accuracy"] }
  }
}
