import Foundation
import Models
import Settings
import Tensor

/// Adam with decoupled weight decay and clipping of the global gradient norm.
///
/// `m = β₁ m + (1 - β₁) g`, `v = β₂ v + (1 - β₂) g²`, then
/// `p ← (1 - rate · weightDecay) p - rate √(1 - β₂ᵗ) / (1 - β₁ᵗ) · m / (√v + ε)`.
///
/// Weight decay applies to what `decays` names: to every parameter in the published recipes.
/// Source: Loshchilov and Hutter 2019; fairseq `optim/adam.py` (ε beside the uncorrected root).
public struct AdamW: Sendable {
  /// Which parameters decay.
  public enum Decays: String, Codable, Sendable, CaseIterable {
    /// All, biases and norms included: fairseq's choice, and that of HuBERT, data2vec and MERT.
    case all
    /// Weights and embeddings; not biases, nor the scales and shifts of norms.
    case weights

    /// Whether a parameter of this role decays.
    func includes(_ role: ParameterRole) -> Bool {
      self == .all || role == .weight || role == .embedding
    }
  }

  /// The numbers of a recipe's `optimizer`; those that HuBERT, data2vec and MERT share.
  public struct Config: Configuration {
    /// Decay of the first moment.
    public var beta1: Float = 0.9
    /// Decay of the second moment.
    public var beta2: Float = 0.98
    /// Added to the root of the second moment.
    public var epsilon: Float = 1e-6
    /// Decoupled weight decay.
    public var weightDecay: Float = 0.01
    /// Which parameters decay.
    public var decays = Decays.all
    /// Greatest norm of the whole gradient, to which a longer one is scaled down; 0 does not clip.
    public var clipNorm: Float = 10
    /// Factor of the learning rate from each layer to the one below it: of the last layer of `L` the factor is
    /// `layerDecay`, of the front end `layerDecay^(L + 1)`, of heads 1.
    public var layerDecay: Float = 1
    /// Parameters with a learning rate, a weight decay or a freeze of their own. If several groups set the same
    /// of a parameter, the last of them wins.
    public var groups: [ParameterGroup] = []
    /// The shared numbers.
    public init() {}

    /// Decays are shares below 1; a division needs an epsilon.
    public func validate() throws(InvalidSetting) {
      try require("beta1", beta1, in: 0..<1)
      try require("beta2", beta2, in: 0..<1)
      try require(positive: "epsilon", epsilon)
      try require(notNegative: "weightDecay", weightDecay)
      try require(notNegative: "clipNorm", clipNorm)
      try require(positive: "layerDecay", layerDecay)
      try require(
        layerDecay <= 1, "layerDecay",
        "\(layerDecay.inWords) is above 1, so that lower layers would learn faster")
    }
  }

  private let config: Config
  /// What is each parameter's own.
  public let numbers: ParameterNumbers
  /// Updates made so far, `t`.
  public private(set) var step = 0
  private var firstMoments: [String: Tensor] = [:]
  private var secondMoments: [String: Tensor] = [:]

  /// Moments of 0 for every parameter of `model` that is not frozen.
  ///
  /// - Traps when: `ParameterNumbers` refuses the groups of `config` for this model.
  public init(_ config: Config, for model: some Module) {
    self.config = config
    do {
      numbers = try ParameterNumbers(config, of: model)
    } catch {
      preconditionFailure("AdamW: \(error)")
    }
    for (path, parameter) in model.parameters where !numbers[path].isFrozen {
      firstMoments[path] = .zeros(parameter.shape)
      secondMoments[path] = .zeros(parameter.shape)
    }
  }

  /// Keeps the moments of some parameters alone: no other is updated from here on, and `state` and `restore` are of
  /// these. Several processes share an update in this way.
  public mutating func keepMoments(of paths: Set<String>) {
    firstMoments = firstMoments.filter { paths.contains($0.key) }
    secondMoments = secondMoments.filter { paths.contains($0.key) }
  }

  /// A copy with more moments, those of other parameters.
  ///
  /// - Parameter state: As `state` returned it.
  public func joined(with state: [String: Tensor]) -> AdamW {
    var copy = self
    for (name, moment) in state {
      let path = String(name.drop { $0 != "." }.dropFirst())
      if name.hasPrefix(Self.first) { copy.firstMoments[path] = moment }
      if name.hasPrefix(Self.second) { copy.secondMoments[path] = moment }
    }
    return copy
  }

  /// One update of every parameter that has a gradient and moments.
  ///
  /// - Returns: The gradient norms before clipping. If their total is not finite nothing changes.
  @discardableResult public mutating func update(
    _ model: inout some Module, along gradients: Gradients, rate: Float
  ) -> GradientNorms {
    let norms = GradientNorms(of: gradients, in: model)
    update(&model, along: gradients, norms: norms, rate: rate)
    return norms
  }

  /// As above, with norms that are known already.
  public mutating func update(
    _ model: inout some Module, along gradients: Gradients, norms: GradientNorms, rate: Float
  ) {
    guard norms.total.isFinite else { return }
    step += 1
    let shared = shared(rate: rate, norm: norms.total)
    model.update { place, parameter in
      guard let gradient = gradients[parameter], firstMoments[place.path] != nil else { return }
      parameter.adamW(
        gradient: gradient, firstMoment: &firstMoments[place.path]!,
        secondMoment: &secondMoments[place.path]!, shared.changed(by: numbers[place.path]))
    }
  }

  /// The numbers of an update that parameters share.
  private func shared(rate: Float, norm: Float) -> AdamWUpdate {
    let clip = config.clipNorm > 0 ? min(1, config.clipNorm / (norm + 1e-6)) : 1
    let (b1, b2) = (Double(config.beta1), Double(config.beta2))
    let correction = (1 - pow(b2, Double(step))).squareRoot() / (1 - pow(b1, Double(step)))
    return AdamWUpdate(
      gradientScale: clip, rate: rate, correction: Float(correction), beta1: config.beta1,
      beta2: config.beta2, epsilon: config.epsilon, weightDecay: config.weightDecay)
  }
}

extension AdamWUpdate {
  fileprivate func changed(by own: ParameterNumbers.Numbers) -> AdamWUpdate {
    var update = self
    (update.rate, update.weightDecay) = (rate * own.rate, own.weightDecay)
    return update
  }
}

extension AdamW {
  private static var first: String { "first." }
  private static var second: String { "second." }

  /// The moments by name, `first.<path>` and `second.<path>`, to be kept with a checkpoint.
  public var state: [String: Tensor] {
    let first = firstMoments.map { (Self.first + $0, $1) }
    let second = secondMoments.map { (Self.second + $0, $1) }
    return Dictionary(uniqueKeysWithValues: first + second)
  }

  /// Goes on from a kept state.
  /// - Throws: `ModelError.tensors` if a moment is missing or of another shape.
  public mutating func restore(_ state: [String: Tensor], step: Int) throws {
    for path in firstMoments.keys {
      firstMoments[path] = try state.moment(Self.first + path, like: firstMoments[path]!)
      secondMoments[path] = try state.moment(Self.second + path, like: secondMoments[path]!)
    }
    self.step = step
  }
}

extension [String: Tensor] {
  fileprivate func moment(_ name: String, like present: Tensor) throws -> Tensor {
    guard let kept = self[name], kept.shape == present.shape else {
      throw ModelError.tensors("the optimiser needs '\(name)' of shape \(present.shape)")
    }
    return kept
  }
}
