import Models
import Settings
import Tensor

/// data2vec's targets: the mean over a teacher's top layers, each normalised, of what their
/// feed-forward part puts out before the residual is added.
///
/// No normalisation has parameters, lest the model favour a layer by them. All frames take part,
/// masked or not; the objective picks the masked ones afterwards. Gradients do not pass.
///
/// Source: Baevski et al., data2vec, 2022, §3.3; fairseq `data2vec_audio`, whose Base recipe
/// normalises each of eight layers over time, and whose AudioSet recipe each of twelve, and the
/// mean over channels.
public struct EMATargets: Sendable {
  /// What is brought to mean 0 and variance 1; the variance is biased and gets 1e-5 added.
  public enum Normalisation: String, Codable, Sendable, CaseIterable {
    /// No normalisation.
    case none
    /// Each channel of a crop over its frames.
    case instance
    /// Each channel over the frames of all crops.
    case batch
    /// Each frame over its channels.
    case layer
  }

  /// The numbers of a recipe; data2vec Base's unless set.
  public struct Config: Configuration {
    /// Number of layers that are averaged, from the last one down.
    public var topLayers = 8
    /// Normalisation of each layer before the average.
    public var eachLayer = Normalisation.instance
    /// Normalisation of the average.
    public var mean = Normalisation.none

    /// data2vec Base's targets.
    public init() {}

    /// There is at least one layer to average; the recipe knows how many there are at most.
    public func validate() throws(InvalidSetting) {
      try require("topLayers", topLayers, in: 1...AudioEncoder.Config.mostLayers)
    }
  }

  /// The numbers that the targets follow.
  public let config: Config
  private let layers: Int

  /// - Parameters:
  ///   - config: The numbers that the targets follow.
  ///   - layers: How many layers the teacher has.
  /// - Throws: `EMAError.noSuchLayers` if more are to be averaged than there are, or none.
  public init(_ config: Config = Config(), layers: Int) throws {
    guard config.topLayers >= 1, config.topLayers <= layers else {
      throw EMAError.noSuchLayers(top: config.topLayers, layers: layers)
    }
    (self.config, self.layers) = (config, layers)
  }

  /// The targets of a batch.
  ///
  /// - Parameter outputs: The feed-forward output of every layer, first layer first, `[B, T, D]`.
  /// - Returns: `[B, T, D]`.
  /// - Traps when: there is not one output of three axes for each layer, all of one shape.
  public func callAsFunction(_ outputs: [Tensor]) -> Tensor {
    precondition(
      outputs.count == layers
        && outputs.allSatisfy { $0.rank == 3 && $0.shape == outputs[0].shape },
      "EMATargets: expected \(layers) outputs [B, T, D] of one shape, got \(outputs.map(\.shape))")
    let top = outputs.suffix(config.topLayers)
      .map { config.eachLayer.applied(to: $0.detached().cast(to: .float32)) }
    let mean = top.dropFirst().reduce(top[0], +) / Float(config.topLayers)
    return config.mean.applied(to: mean)
  }
}

extension EMATargets.Normalisation {
  /// `x`, `[B, T, D]`, normalised.
  fileprivate func applied(to x: Tensor) -> Tensor {
    switch self {
    case .none: x
    case .instance: x.normalizedOverTime()
    case .batch:
      x.reshaped([1, x.shape[0] * x.shape[1], x.shape[2]]).normalizedOverTime().reshaped(x.shape)
    case .layer: x.layerNorm(weight: nil, bias: nil)
    }
  }
}
