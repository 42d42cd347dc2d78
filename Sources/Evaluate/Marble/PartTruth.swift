/// What is true of the items of each part, for what a score on them can say.
struct PartTruth {
  private let parts: [Split: [Truth]]
  private let classes: [String]

  /// - Parameters:
  ///   - parts: What is true of the items of each part, all of one kind.
  ///   - classes: The names of the classes.
  init(_ parts: [Split: [Truth]], classes: [String]) {
    (self.parts, self.classes) = (parts, classes)
  }

  /// Why nothing can be learned, or good answers cannot be told from bad ones; nil if they can.
  var sameness: String? {
    Split.allCases.lazy.compactMap { sameness(of: $0) }.first
  }

  private func sameness(of split: Split) -> String? {
    let part = "of the \(split.rawValue) part"
    let items = parts[split] ?? []
    switch items.first {
    case .label(let label) where items.classes.count == 1:
      return "all items \(part) are of the class '\(classes[label])'; divide the items otherwise"
    case .labels where items.varyingTags.isEmpty:
      return "each tag applies to all items \(part) or to none; divide the items otherwise"
    case .numbers:
      let column = classes.indices.first { items.numbers(in: $0).count < 2 }
      return column.map {
        "'\(classes[$0])' has only one value \(part); divide the items otherwise"
      }
    default: return nil
    }
  }

  /// What a reader of scores on the test part has to know, a sentence each.
  var remarks: [String] { [skippedTags, unlearnedClasses].compactMap(\.self) }

  private var skippedTags: String? {
    guard let test = parts[.test], case .labels = test.first else { return nil }
    let skipped = classes.count - test.varyingTags.count
    guard skipped > 0 else { return nil }
    return """
      Of \(classes.count) tags \(skipped) apply to none or to all of the \(test.count) items of the test part and count \
      in no metric.
      """
  }

  private var unlearnedClasses: String? {
    let (train, test) = (parts[.train] ?? [], parts[.test] ?? [])
    let unlearned = test.classes.subtracting(train.classes).sorted()
    guard !unlearned.isEmpty else { return nil }
    return """
      Of \(test.classes.count) classes of the test part \(unlearned.count) have no item to train on, the first \
      '\(classes[unlearned[0]])'.
      """
  }
}

extension [Truth] {
  /// The tags that apply to some items and not to others.
  fileprivate var varyingTags: [Int] { tagCounts.filter { $0.value < count }.map(\.key) }

  /// How many items each tag applies to, of those that apply to any.
  var tagCounts: [Int: Int] {
    var counts: [Int: Int] = [:]
    for case .labels(let tags) in self { for tag in tags { counts[tag, default: 0] += 1 } }
    return counts
  }

  /// The different numbers of a column.
  fileprivate func numbers(in column: Int) -> Set<Double> {
    Set(
      compactMap { truth in
        if case .numbers(let numbers) = truth { numbers[column] } else { nil }
      })
  }

  /// The classes that items have.
  fileprivate var classes: Set<Int> {
    Set(compactMap { truth in if case .label(let label) = truth { label } else { nil } })
  }
}

extension LabelledDataset {
  /// What is true of the items of each part.
  var truth: PartTruth {
    PartTruth(
      Dictionary(grouping: items, by: \.split).mapValues { $0.map(\.truth) }, classes: classes)
  }
}
