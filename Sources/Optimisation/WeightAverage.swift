import Models
import Settings
import Tensor

/// How the weights of a run are averaged for evaluation: a recipe's `training.averaging`.
public struct WeightAveraging: Configuration {
  /// Share of the average that is kept in an update: 0.999 averages over about the last thousand updates.
  public var decay = 0.999

  /// The last thousand updates.
  public init() {}

  /// A share below 1.
  public func validate() throws(InvalidSetting) { try require("decay", decay, in: 0..<1) }

  /// The decay after `updates` updates, `min(decay, (1 + n) / (10 + n))`: at first the average follows quickly, so
  /// that it does not keep the first, random weights.
  ///
  /// Source: TensorFlow `ExponentialMovingAverage` with `num_updates`; the same in diffusers `EMAModel`.
  public func decay(after updates: Int) -> Double {
    min(decay, Double(1 + updates) / Double(10 + updates))
  }
}

/// A moving average of the trained parameters of a model, `θ ← τ θ + (1 - τ) parameter` after each update. It is for
/// evaluation: no step reads it.
public struct WeightAverage: Sendable {
  private let config: WeightAveraging
  private var averages: [String: Tensor] = [:]

  /// An average that begins as a model is.
  ///
  /// - Parameters:
  ///   - config: How slowly it follows.
  ///   - model: The model.
  ///   - numbers: Which parameters are frozen; those are not averaged.
  public init(_ config: WeightAveraging, of model: some Module, trainedBy numbers: ParameterNumbers)
  {
    self.config = config
    model.forEachParameter { place, tensor in
      if !numbers.isFrozen(place) { averages[place.path] = tensor.detached() }
    }
  }

  /// Moves towards a model that has made `updates` updates.
  public mutating func follow(_ model: some Module, updates: Int) {
    let decay = config.decay(after: updates)
    model.forEachParameter { place, tensor in
      averages[place.path]?.follow(tensor.detached(), decay: decay)
    }
  }

  /// A copy of a model with the averages in place of its parameters, all of them constants. Buffers and what is frozen
  /// are the model's own.
  public func applied<Model: Module>(to model: Model) -> Model {
    var copy = model.detached()
    copy.update { place, tensor in tensor = averages[place.path] ?? tensor }
    return copy
  }

  /// Goes on from a copy that `applied(to:)` made.
  /// - Traps when: the copy is of another model.
  public mutating func restore(from copy: some Module) {
    let kept = copy.detached().parameters
    precondition(
      Set(averages.keys).isSubset(of: kept.map(\.path)),
      "WeightAverage: restored from another model")
    for (path, tensor) in kept where averages[path] != nil { averages[path] = tensor }
  }

  /// Bytes of the averages.
  public var byteCount: Int { 4 * averages.values.reduce(0) { $0 + $1.elementCount } }
}
