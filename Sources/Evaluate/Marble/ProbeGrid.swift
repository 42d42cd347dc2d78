/// What a probe sees of a model.
public enum LayerChoice: Codable, Hashable, Sendable, CustomStringConvertible {
  /// One hidden state; 0 is what enters the first layer.
  case layer(Int)
  /// A learned mean of the hidden states from 1 on.
  case weighted
  /// A linear map of all hidden states, joined: in MARBLE's second version.
  case joined

  /// `7`, `weighted` or `joined`.
  public var description: String {
    switch self {
    case .layer(let number): "\(number)"
    case .weighted: "weighted"
    case .joined: "joined"
    }
  }

  /// `layer 7`, or `weighted layers`.
  var inWords: String {
    if case .layer = self { "layer \(self)" } else { "\(self) layers" }
  }

  /// The hidden states that it needs of a model with so many.
  func layers(of count: Int) -> [Int] {
    switch self {
    case .layer(let number): [number]
    case .weighted: Array(1..<count)
    case .joined: Array(0..<count)
    }
  }
}

/// What MARBLE's second version fixes of a task's probe, where the first has a grid.
public struct FixedTraining: Hashable, Sendable {
  /// The learning rate at the start.
  public var rate: Float
  /// Stretches of a batch.
  public var batchSize: Int
  /// Whether the probe sees all layers, joined, rather than one of them.
  public var joinsLayers: Bool

  /// Stores all parts.
  public init(rate: Float = 1e-3, batchSize: Int = 64, joinsLayers: Bool = false) {
    (self.rate, self.batchSize, self.joinsLayers) = (rate, batchSize, joinsLayers)
  }
}

/// What the validation part of a data set chooses from.
public struct ProbeGrid: Sendable {
  /// The layers of models; nil for what the protocol has: every layer and, of a model with several, the weighted mean, or
  /// in the second version every layer or all of them joined. Hand-made features have one, which is always that.
  public var layers: [LayerChoice]?
  /// The learning rates at the start; nil for the six of the first version, or that of the task in the second.
  public var rates: [Float]?
  /// The search of logistic and ridge regressions, and the penalties to choose from.
  public var regression: LogisticRegression.Config
  /// The numbers of a probe, but for those that a task sets.
  public var probe: Perceptron.Config
  /// The most epochs of a probe where a task has more; nil for the task's own.
  public var epochs: Int?

  /// The rates of the first version.
  private static let rates: [Float] = [1e-3, 5e-3, 5e-4, 1e-2, 1e-4, 5e-5]
  /// The penalties of regressions unless others are given.
  private static let penalties: [Float] = [100, 10, 1, 0.1, 0.01, 0.001]

  /// MARBLE's grid, unless said otherwise.
  public init(
    layers: [LayerChoice]? = nil, rates: [Float]? = nil,
    probe: Perceptron.Config = Perceptron.Config(), epochs: Int? = nil
  ) {
    (self.layers, self.rates, self.probe, self.epochs) = (layers, rates, probe, epochs)
    regression = LogisticRegression.Config()
    regression.penalties = Self.penalties
    (regression.iterations, regression.tolerance) = (500, 1e-4)
  }

  /// What of the grid was given, as the options of the command; nil if it is that of the protocol.
  var restriction: String? {
    let penalties = regression.penalties == Self.penalties ? nil : regression.penalties
    let parts = [
      layers.map { "--layers \($0.map(\.description).joined(separator: ","))" },
      rates.map { "--rates \(Self.list($0))" }, penalties.map { "--penalties \(Self.list($0))" },
      epochs.map { "--epochs \($0)" },
    ]
    let text = parts.compactMap(\.self).joined(separator: " ")
    return text.isEmpty ? nil : text
  }

  private static func list(_ numbers: [Float]) -> String {
    numbers.map { "\($0)".withoutZeroFraction }.joined(separator: ",")
  }

  /// That a model has the chosen layers, and the probe can be of them.
  /// - Throws: `MarbleError.layer`.
  func check(layers count: Int, for setting: MarbleSetting) throws(MarbleError) {
    if let tuning = setting.fineTuning {
      _ = try tuningChoices(layers: count, tuning)
    } else if setting.probe == .mlp {
      _ = try choices(layers: count, setting.version == .v2 ? FixedTraining() : nil)
    } else {
      _ = try singleLayers(of: count)
    }
  }

  /// The choices for a model with so many hidden states.
  /// - Parameter fixed: What the second version of the protocol fixes; nil in the first.
  /// - Throws: `MarbleError.layer` if a chosen layer is not one of them.
  func choices(
    layers count: Int, _ fixed: FixedTraining? = nil
  ) throws(MarbleError) -> [(layer: LayerChoice, rate: Float)] {
    let rates = rates ?? fixed.map { [$0.rate] } ?? Self.rates
    if count == 1 { return rates.map { (.layer(0), $0) } }
    let single = (0..<count).reversed().map { LayerChoice.layer($0) }
    let several: [LayerChoice] = fixed == nil ? (count > 2 ? [.weighted] : []) : [.joined]
    for choice in layers ?? [] where !(several + single).contains(choice) {
      throw .layer(choice.description, of: count)
    }
    let all = fixed.map { $0.joinsLayers ? several : single } ?? several + single
    return rates.flatMap { rate in (layers ?? all).map { ($0, rate) } }
  }

  /// The layers of a model with so many hidden states that a regression chooses from, the highest first.
  /// - Throws: `MarbleError.layer` if a chosen layer is not one of them, or is several.
  func singleLayers(of count: Int) throws(MarbleError) -> [Int] {
    if count == 1 { return [0] }
    guard let layers else { return (0..<count).reversed() }
    return try layers.map { choice throws(MarbleError) in
      guard case .layer(let number) = choice, number < count else {
        throw .layer(choice.description, of: count)
      }
      return number
    }
  }

  /// The numbers of a probe that is trained so long.
  func config(_ schedule: ProbeSchedule, _ fixed: FixedTraining? = nil) -> Perceptron.Config {
    var config = probe
    config.schedule = schedule.atMost(epochs)
    if let fixed { config.batchSize = fixed.batchSize }
    return config
  }
}
