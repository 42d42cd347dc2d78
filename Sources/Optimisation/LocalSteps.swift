import Models
import Settings
import Tensor

/// How replicas of a model train by themselves and are joined from time to time (DiLoCo): a recipe's `training.local`.
///
/// Of the batches of a step each replica takes an equal part, and makes an update of its own by AdamW. After `steps`
/// steps all of them go on from one point again, which an outer step with Nesterov's momentum finds.
///
/// Source: Douillard et al. 2023 (DiLoCo); the outer rate and momentum are theirs, 500 steps those of their main results.
public struct LocalSteps: Configuration {
  /// Number of replicas, `K`.
  public var replicas = 2
  /// Distance between two outer steps, in steps, `H`.
  public var steps = 500
  /// Learning rate of the outer step, `η`.
  public var outerRate: Float = 0.7
  /// Momentum of the outer step, `μ`.
  public var outerMomentum: Float = 0.9

  /// Two replicas with the published numbers.
  public init() {}

  /// The most replicas.
  public static let mostReplicas = 65_536

  /// Counts, a positive rate, and a momentum below 1.
  public func validate() throws(InvalidSetting) {
    try require("replicas", replicas, in: 2...Self.mostReplicas)
    try require("steps", steps, in: 1...Schedule.Config.mostSteps)
    try require(positive: "outerRate", outerRate)
    try require("outerMomentum", outerMomentum, in: 0..<1)
  }
}

/// The outer step of `LocalSteps`, and where the last one led.
///
/// With `Δ = θ - (1 / K) Σ θₖ`, the mean distance that the replicas have gone:
/// `m ← μ m + Δ`, `θ ← θ - η (Δ + μ m)`.
///
/// Source: Douillard et al. 2023, algorithm 1; PyTorch `SGD` with `nesterov=True`.
public struct OuterStep: Sendable {
  private let config: LocalSteps
  /// `θ`, of each trained parameter by path.
  public private(set) var parameters: [String: Tensor] = [:]
  private var momentum: [String: Tensor] = [:]

  /// Momentum of 0, at the parameters of `model` that are not frozen.
  public init(_ config: LocalSteps, of model: some Module, trainedBy numbers: ParameterNumbers) {
    self.config = config
    model.forEachParameter { place, parameter in
      guard !numbers.isFrozen(place) else { return }
      parameters[place.path] = parameter.detached()
      momentum[place.path] = .zeros(parameter.shape)
    }
  }

  /// The paths of what it moves, in the order in which distances come.
  public var paths: [String] { parameters.keys.sorted() }

  /// How far a replica has gone, `θ - θₖ`.
  ///
  /// - Traps when: the replica is of another model.
  public func distances(of replica: some Module) -> [Tensor] {
    let own = Dictionary(
      uniqueKeysWithValues: replica.parameters.map { ($0.path, $0.tensor.detached()) })
    return paths.map { parameters[$0]! - own[$0]! }
  }

  /// Moves along the mean distance of the replicas.
  public mutating func advance(along distances: [Tensor]) {
    let (rate, share) = (config.outerRate, config.outerMomentum)
    for (path, distance) in zip(paths, distances) {
      let new = momentum[path]! * share + distance
      parameters[path] = parameters[path]! - (distance + new * share) * rate
      momentum[path] = new
    }
  }
}

extension OuterStep {
  private static var start: String { "parameters." }
  private static var moving: String { "momentum." }

  /// `θ` and `m` by name, to be kept with a checkpoint.
  public var state: [String: Tensor] {
    let first = parameters.map { (Self.start + $0, $1) }
    return Dictionary(uniqueKeysWithValues: first + momentum.map { (Self.moving + $0, $1) })
  }

  /// Goes on from a kept state.
  /// - Throws: `ModelError.tensors` if a tensor is missing or of another shape.
  public mutating func restore(_ state: [String: Tensor]) throws {
    for path in paths {
      let shape = parameters[path]!.shape
      parameters[path] = try state.kept(Self.start + path, shape)
      momentum[path] = try state.kept(Self.moving + path, shape)
    }
  }
}

extension [String: Tensor] {
  fileprivate func kept(_ name: String, _ shape: Shape) throws -> Tensor {
    guard let kept = self[name], kept.shape == shape else {
      throw ModelError.tensors("the outer step needs '\(name)' of shape \(shape)")
    }
    return kept
  }
}
