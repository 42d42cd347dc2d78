extension MarbleSetting {
  /// How scores came about and what their intervals are, for a report.
  ///
  /// - Parameters:
  ///   - grid: What the validation parts chose from.
  ///   - tasks: Those that are scored.
  package func explanation(_ grid: ProbeGrid, of tasks: [MarbleTask]) -> String {
    """
    \(training(grid)); \(choosing(grid, tasks)). The score is that on the test part, its interval the middle 95 % of \
    the scores of 200 draws of the test files, each with all its items: what another training or another split would \
    change is not in it. \(comparability(grid))
    """
  }

  private func training(_ grid: ProbeGrid) -> String {
    if let fineTuning {
      return """
        \(fineTuning.name.capitalisedFirst), along with one hidden layer of 512 units over the means of frames
        """
    }
    return switch probe {
    case .mlp where version == .v2:
      "Frozen embeddings of clips that stand alone, one hidden layer of 512 units"
        + (grid.rates == nil ? ", the learning rate of the task" : "")
    case .mlp: "Frozen embeddings, one hidden layer of 512 units"
    case .logistic, .ridge: "Frozen embeddings, \(probe.name)"
    }
  }

  private func comparability(_ grid: ProbeGrid) -> String {
    let average =
      isPublished
      ? "The average is shown where all 14 tasks are there."
      : "These scores cannot be compared with those of the first version's constrained track, so no average is shown."
    guard let restriction = grid.restriction else { return average }
    let given =
      "\(average) Instead of the choices of the protocol, those of \(restriction) were tried."
    return isPublished ? "\(given) Published scores had its whole grid to choose from." : given
  }
}

// MARK: - What is chosen

extension MarbleSetting {
  /// `layer, learning rate and epoch are chosen on the validation part (of MUSDB18 the epoch alone)`
  private func choosing(_ grid: ProbeGrid, _ tasks: [MarbleTask]) -> String {
    let narrow = tasks.filter { $0.method.fixesLayers }.map(\.name)
    let (many, few) = (chosen(grid, isNarrow: false), chosen(grid, isNarrow: true))
    if narrow.isEmpty || few == many { return Self.words(many) }
    if narrow.count == tasks.count { return Self.words(few) }
    let others = few == ["epoch"] ? "the epoch alone" : "no more than \(Wording.list(few))"
    return "\(Self.words(many)) (of \(Wording.list(narrow)) \(few.isEmpty ? "nothing" : others))"
  }

  private static func words(_ chosen: [String]) -> String {
    switch chosen.count {
    case 0: "nothing is left to choose on the validation part"
    case 1: "the \(chosen[0]) is chosen on the validation part"
    default: "\(Wording.list(chosen)) are chosen on the validation part"
    }
  }

  /// What the validation part chooses of the probes of a task.
  /// - Parameter isNarrow: Whether the task has one choice of layers unless others are given.
  private func chosen(_ grid: ProbeGrid, isNarrow: Bool) -> [String] {
    let isFixed = isNarrow && probe == .mlp && grid.layers == nil
    let hasLayers = grid.layers.map { $0.count > 1 } ?? (fineTuning == nil && !isFixed)
    let layer = hasLayers ? ["layer"] : []
    guard probe == .mlp else {
      return layer + (grid.regression.penalties.count > 1 ? ["penalty"] : [])
    }
    let ofProtocol = version == .v1 && fineTuning == nil
    // Separation takes the first of several rates.
    let hasRates = !(isFixed && version == .v1) && (grid.rates.map { $0.count > 1 } ?? ofProtocol)
    return layer + (hasRates ? ["learning rate"] : []) + (grid.epochs == 1 ? [] : ["epoch"])
  }
}
