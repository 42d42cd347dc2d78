/// What a probe sees of a model.
public enum LayerChoice: Hashable, Sendable, CustomStringConvertible {
  /// One hidden state; 0 is what enters the first layer.
  case layer(Int)
  /// A learned mean of the hidden states from 1 on.
  case weighted

  /// `7`, or `weighted`.
  public var description: String {
    switch self {
    case .layer(let number): "\(number)"
    case .weighted: "weighted"
    }
  }

  /// The hidden states that it needs of a model with so many.
  func layers(of count: Int) -> [Int] {
    switch self {
    case .layer(let number): [number]
    case .weighted: Array(1..<count)
    }
  }
}

/// What the validation part of a data set chooses from.
public struct ProbeGrid: Sendable {
  /// The layers of models; nil for every layer and, of a model with several, the weighted mean. Hand-made features have
  /// one, which is always that.
  public var layers: [LayerChoice]?
  /// The learning rates at the start.
  public var rates: [Float]
  /// The numbers of a probe, but for those that a task sets.
  public var probe: Perceptron.Config
  /// The most epochs of a probe where a task has more; nil for the task's own.
  public var epochs: Int?

  /// MARBLE's constrained track: all layers and six rates.
  public init(
    layers: [LayerChoice]? = nil, rates: [Float] = [1e-3, 5e-3, 5e-4, 1e-2, 1e-4, 5e-5],
    probe: Perceptron.Config = Perceptron.Config(), epochs: Int? = nil
  ) {
    (self.layers, self.rates, self.probe, self.epochs) = (layers, rates, probe, epochs)
  }

  /// The choices for a model with so many hidden states.
  /// - Throws: `MarbleError.layer` if a chosen layer is not one of them.
  func choices(layers count: Int) throws(MarbleError) -> [(layer: LayerChoice, rate: Float)] {
    if count == 1 { return rates.map { (.layer(0), $0) } }
    let all = (count > 2 ? [LayerChoice.weighted] : []) + (0..<count).reversed().map { .layer($0) }
    for choice in layers ?? [] where !all.contains(choice) {
      throw .layer(choice.description, of: count)
    }
    return rates.flatMap { rate in (layers ?? all).map { ($0, rate) } }
  }

  /// The numbers of a probe that is trained so long.
  func config(_ schedule: ProbeSchedule) -> Perceptron.Config {
    var config = probe
    config.schedule = schedule.atMost(epochs)
    return config
  }
}
