/// Major or minor.
public enum Mode: String, CaseIterable, Codable, Sendable { case major, minor }

/// The key of a piece.
public struct MusicalKey: Codable, Hashable, Sendable {
  /// Pitch class of the tonic, 0 = C … 11 = B.
  public var tonic: Int
  /// Major or minor.
  public var mode: Mode

  /// A key with this tonic.
  public init(tonic: Int, mode: Mode) {
    self.tonic = tonic
    self.mode = mode
  }

  /// All 24 keys, major keys first.
  public static let all = Mode.allCases.flatMap { mode in
    (0..<12).map { MusicalKey(tonic: $0, mode: mode) }
  }

  /// The pitch classes of the scale, 0 = C, starting with the tonic.
  var scale: [Int] {
    let steps = mode == .major ? [0, 2, 4, 5, 7, 9, 11] : [0, 2, 3, 5, 7, 8, 10]
    return steps.map { ($0 + tonic) % 12 }
  }
}

/// The kinds of chords; the raw value is the name in the labels, after Harte's notation.
public enum ChordQuality: String, CaseIterable, Codable, Sendable {
  case major = "maj"
  case minor = "min"
  case diminished = "dim"
  case augmented = "aug"
  case majorSeventh = "maj7"
  case minorSeventh = "min7"
  case dominantSeventh = "7"
  case halfDiminished = "hdim7"
  case diminishedSeventh = "dim7"
  case sixth = "maj6"
  case minorSixth = "min6"
  case ninth = "9"
  case suspendedSecond = "sus2"
  case suspendedFourth = "sus4"

  /// The intervals of its tones above the root, semitones.
  public var intervals: [Int] {
    switch self {
    case .major: [0, 4, 7]
    case .minor: [0, 3, 7]
    case .diminished: [0, 3, 6]
    case .augmented: [0, 4, 8]
    case .majorSeventh: [0, 4, 7, 11]
    case .minorSeventh: [0, 3, 7, 10]
    case .dominantSeventh: [0, 4, 7, 10]
    case .halfDiminished: [0, 3, 6, 10]
    case .diminishedSeventh: [0, 3, 6, 9]
    case .sixth: [0, 4, 7, 9]
    case .minorSixth: [0, 3, 7, 9]
    case .ninth: [0, 4, 7, 10, 14]
    case .suspendedSecond: [0, 2, 7]
    case .suspendedFourth: [0, 5, 7]
    }
  }
}

/// A chord of a score.
struct Chord: Equatable, Sendable {
  /// Pitch class of the root, 0 = C.
  var root: Int
  var quality: ChordQuality
  /// The tone in the bass: 0 is the root, 1 the third …
  var inversion = 0

  var pitchClasses: [Int] { quality.intervals.map { (root + $0) % 12 } }
  var bass: Int { pitchClasses[inversion % pitchClasses.count] }

  /// The key's scale adapted to the chord: a chord tone outside the key replaces the scale tones a
  /// semitone away, unless they are chord tones.
  func scale(in key: MusicalKey) -> [Int] {
    let tones = Set(pitchClasses)
    let foreign = tones.subtracting(key.scale)
    let kept = key.scale.filter { pitch in
      tones.contains(pitch)
        || !foreign.contains { [1, 11].contains(($0 - pitch + 12) % 12) }
    }
    return (kept + foreign).sorted()
  }
}

/// A chord with its start and end.
struct ChordSpan: Sendable {
  var chord: Chord
  /// Beats from the start of the score.
  var start: Int
  var end: Int
}
