import Corpus
import Tensor

extension Metric {
  /// The weighted key score of MIREX: the mean of 1 for the right key, 0.5 for a perfect fifth above it, 0.3 for its
  /// relative and 0.2 for its parallel major or minor, and 0 for another key; 0…1. A fifth below is worth 0.
  public static let weightedKey = Metric(
    "weightedKey", name: "weighted key score", unit: .percent, range: 0...1, leastGain: 0.05,
    scores: { MusicalKey(named: $0) != nil }, worths: worths)

  @Sendable private static func worths(of answers: Answers) -> [Double] {
    let keys = answers.classNames.map { name in
      let key = MusicalKey(named: name)
      precondition(key != nil, "Metric.weightedKey: needs names such as 'C# minor', got '\(name)'")
      return key!
    }
    return answers.worths { keys[Int($0)].worth(for: keys[Int($1)]) }
  }
}

extension MusicalKey {
  /// What this key is worth as an answer where another one is right.
  ///
  /// Source: MIREX, *Audio Key Detection*, as `mir_eval.key.weighted_score` computes it by default and MARBLE
  /// reports it. Since 2017 MIREX gives 0.5 for a fifth below, too, as mir_eval does with
  /// `allow_descending_fifths`.
  fileprivate func worth(for right: MusicalKey) -> Double {
    let semitones = (tonic - right.tonic + 12) % 12
    let relative = right.mode == .major ? 9 : 3
    return switch (mode == right.mode, semitones) {
    case (true, 0): 1
    case (true, 7): 0.5
    case (false, relative): 0.3
    case (false, 0): 0.2
    default: 0
    }
  }

  /// The key of a name: `C# minor`, or `Db minor`, which is the same.
  init?(named name: String) {
    let words = name.split(separator: " ")
    guard words.count == 2, let mode = Mode(rawValue: String(words[1])),
      let natural = naturals[words[0].prefix(1)], let sign = signs[words[0].dropFirst()]
    else { return nil }
    self.init(tonic: (natural + sign + 12) % 12, mode: mode)
  }
}

/// Pitch classes of the white keys.
private let naturals: [Substring: Int] = ["C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11]

/// Semitones that a sign adds.
private let signs: [Substring: Int] = ["": 0, "#": 1, "b": -1]
