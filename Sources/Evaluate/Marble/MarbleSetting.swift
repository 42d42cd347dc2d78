/// What is trained on the vectors of a frozen model.
public enum ProbeKind: String, CaseIterable, Sendable {
  /// One hidden layer, see `Perceptron`.
  case mlp
  /// Logistic regression: of classes multinomial, of labels one for each.
  case logistic
  /// Ridge regression of numbers.
  case ridge

  /// In words.
  public var name: String {
    switch self {
    case .mlp: "one hidden layer"
    case .logistic: "logistic regression"
    case .ridge: "ridge regression"
    }
  }

  /// Why it predicts nothing of this kind; nil if it does.
  package func refusal(of truth: Truth) -> String? {
    switch (self, truth) {
    case (.mlp, _), (.logistic, .label), (.logistic, .labels), (.ridge, .numbers): nil
    case (.logistic, .numbers):
      "\(name) predicts classes and labels, this task has numbers; use --probe ridge"
    case (.ridge, .label), (.ridge, .labels):
      "\(name) predicts numbers, this task has classes or labels; use --probe logistic"
    case (_, .beats), (_, .stems):
      "\(name) predicts one answer for each item, which beats and sources are not; use --probe mlp"
    }
  }
}

/// A version of the benchmark: how files are cut, how long probes are trained, how the outputs of stretches become one.
public enum MarbleVersion: String, CaseIterable, Sendable {
  /// That of the paper: a grid of layers and rates, 14 tasks.
  case v1
  /// The second code: clips that stand alone, one rate a task, no NSynth, VocalSet or MUSDB18.
  case v2
}

/// How scores are reached. Scores of different settings differ by more than models do, so every output names it.
public struct MarbleSetting: Hashable, Sendable {
  /// The version of the benchmark.
  public var version: MarbleVersion
  /// What is trained on the vectors.
  public var probe: ProbeKind
  /// What of the model is trained along with it; nil if the model is frozen.
  public var fineTuning: FineTuning?

  /// The constrained track of the first version, unless said otherwise.
  public init(
    _ version: MarbleVersion = .v1, probe: ProbeKind = .mlp, fineTuning: FineTuning? = nil
  ) {
    (self.version, self.probe, self.fineTuning) = (version, probe, fineTuning)
  }

  /// `MARBLE v1, constrained track`
  public var name: String { "MARBLE \(version.rawValue), \(track)" }

  private var track: String {
    if let fineTuning { return "unconstrained track: \(fineTuning.name)" }
    return probe == .mlp ? "constrained track" : "semi-constrained track: \(probe.name)"
  }

  /// Why it predicts nothing of this kind; nil if it does.
  func refusal(of truth: Truth) -> String? {
    switch truth {
    case .beats, .stems:
      guard fineTuning == nil else {
        return "a model is fine-tuned on one answer for each item, which beats and sources are not"
      }
    default: break
    }
    return probe.refusal(of: truth)
  }

  /// What stands behind the name of a task in JSON, so that scores of two settings are never taken for the same: nothing
  /// for the constrained track of the first version, else ` v1 logistic`.
  var suffix: String {
    if isPublished { return "" }
    let method = fineTuning?.key ?? (probe == .mlp ? nil : probe.rawValue)
    return " " + version.rawValue + (method.map { " " + $0 } ?? "")
  }

  /// Whether its scores can stand beside those that MARBLE's paper prints.
  var isPublished: Bool { self == MarbleSetting() }
}
