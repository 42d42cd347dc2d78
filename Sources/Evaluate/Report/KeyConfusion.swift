import Corpus

/// How answers to a key relate to the right one, by the kinds that MIREX's score knows and the fifth below.
enum KeyRelation: String, CaseIterable {
  case same = "right"
  case fifthAbove = "fifth above"
  case fifthBelow = "fifth below"
  case relative = "relative"
  case parallel = "parallel"
  case other = "other"

  /// That of an answer to a right key.
  init(_ answer: MusicalKey, to right: MusicalKey) {
    let semitones = (answer.tonic - right.tonic + 12) % 12
    let toRelative = right.mode == .major ? 9 : 3
    self =
      switch (answer.mode == right.mode, semitones) {
      case (true, 0): .same
      case (true, 7): .fifthAbove
      case (true, 5): .fifthBelow
      case (false, toRelative): .relative
      case (false, 0): .parallel
      default: .other
      }
  }
}

/// Answers to keys on the circle of fifths.
struct KeyConfusion: Hashable {
  /// For each right key how often each key was answered, both by `keys`.
  let counts: [[Int]]

  /// The keys by fifths, C, G, D…, major first; a minor key at the place of its relative.
  static let keys = [Mode.major, .minor].flatMap { mode in
    (0..<12).map { MusicalKey(tonic: (7 * $0 + (mode == .minor ? 9 : 0)) % 12, mode: mode) }
  }

  /// Nil if a class is no key.
  init?(_ answers: ItemAnswers) {
    let places = answers.classNames.map { name in
      MusicalKey(named: name).flatMap { Self.keys.firstIndex(of: $0) }
    }
    let known = places.compactMap(\.self)
    guard known.count == places.count, known.count > 1 else { return nil }
    var counts = [[Int]](repeating: [Int](repeating: 0, count: 24), count: 24)
    for (right, row) in answers.confusion.enumerated() {
      for (answer, count) in row.enumerated() { counts[known[right]][known[answer]] += count }
    }
    self.counts = counts
  }

  /// The share of answers of each kind, in the order of `KeyRelation`.
  var shares: [Double] {
    var sums: [KeyRelation: Int] = [:]
    for (right, row) in counts.enumerated() {
      for (answer, count) in row.enumerated() {
        sums[KeyRelation(Self.keys[answer], to: Self.keys[right]), default: 0] += count
      }
    }
    let all = Double(max(1, counts.joined().reduce(0, +)))
    return KeyRelation.allCases.map { Double(sums[$0] ?? 0) / all }
  }

  /// `C`, `F♯`; minor keys in small letters.
  static func name(_ key: MusicalKey) -> String {
    let name = pitchClassNames[key.tonic].replacing("#", with: "♯")
    return key.mode == .major ? name : name.lowercased()
  }
}

/// The kinds of answers to keys, a row for each model.
struct KeyTable {
  struct Row {
    /// The run's place in the report; nil of what is not trained.
    let run: Int?
    let name: String
    let confusion: KeyConfusion

    /// `71.3` for each kind.
    var cells: [String] { confusion.shares.map { ScoreUnit.percent.number($0) } }
  }

  static let heads = KeyRelation.allCases.map(\.rawValue)

  static let note =
    "What is answered instead of the right key, in % of the answers of all seeds. A fifth, the relative or the parallel "
    + "key is an error that a listener understands. Of 24 keys one each is right, a fifth above, a fifth below, the relative "
    + "and the parallel, so guessing has 4.2 % of each and 79.2 % others."

  let rows: [Row]

  /// Those of a task; empty if its classes are no keys, or the answers are not known. A model of which a training was
  /// stopped has none.
  init(_ report: ComparisonReport, task: String) {
    func row(_ run: Int?, _ name: String, _ result: ProbeResult?) -> Row? {
      result?.answers.flatMap(KeyConfusion.init).map { Row(run: run, name: name, confusion: $0) }
    }
    let models = report.runs.enumerated().map { index, run in
      let result = report.probe(run.name, .pretrained, on: task)
      return row(index, run.name, result.flatMap { report.isComplete($0) ? $0 : nil })
    }
    let random = report.runs.enumerated().compactMap { index, run in
      row(index, "", report.probe(run.name, .randomInitialisation, on: task))
    }
    let initialisations = random.map(\.confusion).uniqued().map { confusion in
      let runs = random.filter { $0.confusion == confusion }.compactMap { $0.run.map { $0 + 1 } }
      return Row(
        run: nil, name: "random initialisation of \(Wording.runs(runs))", confusion: confusion)
    }
    let best = report.bestStatistics(on: task)
    rows =
      models.compactMap(\.self) + initialisations
      + [row(nil, best?.model ?? "", best)].compactMap(\.self)
  }
}
