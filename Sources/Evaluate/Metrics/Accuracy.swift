extension Metric {
  /// Accuracy: the share of examples whose class is predicted, 0…1.
  public static let accuracy = Metric(
    "accuracy", name: "accuracy", unit: .percent, range: 0...1, leastGain: 0.05
  ) { answers in
    answers.worths { $0 == $1 ? 1 : 0 }
  }
}
