import Tensor

/// A functional grammar of chords: tonic, subdominant and dominant follow one another, with
/// sevenths, suspensions, borrowed chords, secondary dominants and inversions.
struct Progression {
  enum Function { case tonic, subdominant, dominant }

  /// A chord of the key: semitones above the tonic, its qualities, and its relative frequency.
  struct Step {
    var function: Function
    var semitones: Int
    var qualities: [ChordQuality]
    var weight: Float
  }

  let key: MusicalKey
  /// Whether chords outside the key may occur.
  let isColoured: Bool

  static func drawn(in key: MusicalKey, using stream: inout RandomStream) -> Progression {
    Progression(key: key, isColoured: stream.chance(0.6))
  }

  /// Chords and their lengths, for one letter of the form.
  func loop(meter: Meter, tempo: Float, using stream: inout RandomStream) -> ChordLoop {
    ChordLoop(
      lengths: Progression.harmonicRhythm(meter: meter, tempo: tempo, using: &stream),
      chords: chords(count: stream.pick([4, 4, 8, 16]), using: &stream))
  }

  /// The length of each chord in beats, repeated cyclically: half a bar, a bar or two of them, and mixtures, so that a
  /// chord lasts one to three seconds on average.
  private static func harmonicRhythm(
    meter: Meter, tempo: Float, using stream: inout RandomStream
  ) -> [Int] {
    let (bar, halves) = (meter.beats, meter.halves)
    let rhythms = [
      [bar], [bar], halves, halves, [bar] + halves, [2 * bar], [2 * bar, bar, bar],
      Array(repeating: 1, count: halves[0]) + halves.dropFirst(),
    ]
    let suitable = rhythms.filter { lengths in
      let mean = Float(lengths.reduce(0, +)) / Float(lengths.count) * 60 / tempo
      return (1...2.8).contains(mean)
    }
    return stream.pick(suitable.isEmpty ? [halves] : suitable)
  }

  /// A sequence of chords that establishes the key: the tonic chord and a chord of another function
  /// are among the first four.
  private func chords(count: Int, using stream: inout RandomStream) -> [Chord] {
    while true {
      let chords = drawn(count: count, using: &stream)
      let first = chords.prefix(4)
      let tonics = first.filter { $0.root == key.tonic && isOwn($0.quality) }
      if !tonics.isEmpty, first.contains(where: leadsHome) { return chords }
    }
  }

  private func isOwn(_ quality: ChordQuality) -> Bool {
    quality.intervals.contains(key.mode == .major ? 4 : 3) && quality != .dominantSeventh
  }

  /// Whether a chord leads to the tonic: its root is the fourth degree, or it contains the leading
  /// tone.
  private func leadsHome(_ chord: Chord) -> Bool {
    chord.root == (key.tonic + 5) % 12
      || chord.pitchClasses.contains((key.tonic + 11) % 12)
        && chord.root != key.tonic
  }

  private func drawn(count: Int, using stream: inout RandomStream) -> [Chord] {
    var function: Function = stream.pick(
      weighted: [(.tonic, 0.6), (.subdominant, 0.25), (.dominant, 0.15)])
    var chords: [Chord] = []
    while chords.count < count {
      let step = step(of: function, using: &stream)
      let chord = chord(step, using: &stream)
      if isColoured, step.semitones != 0, stream.chance(0.15) {
        chords.append(Chord(root: (chord.root + 7) % 12, quality: .dominantSeventh))
      }
      if chord != chords.last || stream.chance(0.3) { chords.append(chord) }
      function = Progression.following(function, using: &stream)
    }
    return Array(chords.prefix(count))
  }

  private static func following(
    _ function: Function, using stream: inout RandomStream
  ) -> Function {
    switch function {
    case .tonic:
      stream.pick(weighted: [(.tonic, 0.2), (.subdominant, 0.5), (.dominant, 0.3)])
    case .subdominant:
      stream.pick(weighted: [(.tonic, 0.25), (.subdominant, 0.15), (.dominant, 0.6)])
    case .dominant:
      stream.pick(weighted: [(.tonic, 0.8), (.subdominant, 0.1), (.dominant, 0.1)])
    }
  }

  private func step(of function: Function, using stream: inout RandomStream) -> Step {
    let table = key.mode == .major ? Progression.major : Progression.minor
    let borrowed = key.mode == .major ? Progression.borrowedInMajor : Progression.borrowedInMinor
    let steps = (isColoured ? table + borrowed : table).filter { $0.function == function }
    return stream.pick(weighted: steps.map { ($0, $0.weight) })
  }

  private func chord(_ step: Step, using stream: inout RandomStream) -> Chord {
    Chord(
      root: (key.tonic + step.semitones) % 12, quality: stream.pick(step.qualities),
      inversion: stream.pick(weighted: [(0, 0.62), (1, 0.24), (2, 0.14)]))
  }
}

/// Chords that return, and how long each lasts.
struct ChordLoop: Sendable {
  /// Beats; repeated cyclically.
  let lengths: [Int]
  let chords: [Chord]

  /// Consecutive chords over some beats of the score, from the first one on.
  func spans(beats: Range<Int>) -> [ChordSpan] {
    var spans: [ChordSpan] = []
    var beat = beats.lowerBound
    while beat < beats.upperBound {
      let next = min(beats.upperBound, beat + lengths[spans.count % lengths.count])
      spans.append(ChordSpan(chord: chords[spans.count % chords.count], start: beat, end: next))
      beat = next
    }
    return spans
  }
}

extension Progression {
  static let major: [Step] = [
    Step(
      function: .tonic, semitones: 0,
      qualities: [.major, .major, .major, .majorSeventh, .sixth, .suspendedSecond], weight: 4),
    Step(function: .tonic, semitones: 9, qualities: [.minor, .minorSeventh], weight: 1.2),
    Step(function: .tonic, semitones: 4, qualities: [.minor, .minorSeventh], weight: 0.5),
    Step(function: .subdominant, semitones: 5, qualities: [.major, .majorSeventh], weight: 2),
    Step(function: .subdominant, semitones: 2, qualities: [.minor, .minorSeventh], weight: 1.5),
    Step(
      function: .dominant, semitones: 7,
      qualities: [.major, .dominantSeventh, .ninth, .suspendedFourth, .augmented], weight: 3),
    Step(
      function: .dominant, semitones: 11, qualities: [.diminished, .halfDiminished], weight: 0.4),
  ]
  static let borrowedInMajor: [Step] = [
    Step(function: .subdominant, semitones: 5, qualities: [.minor], weight: 0.5),
    Step(function: .subdominant, semitones: 8, qualities: [.major, .majorSeventh], weight: 0.4),
    Step(function: .subdominant, semitones: 10, qualities: [.major], weight: 0.5),
    Step(function: .tonic, semitones: 3, qualities: [.major], weight: 0.2),
    Step(function: .dominant, semitones: 1, qualities: [.dominantSeventh], weight: 0.3),
    Step(function: .dominant, semitones: 7, qualities: [.minor, .minorSeventh], weight: 0.4),
  ]
  static let minor: [Step] = [
    Step(
      function: .tonic, semitones: 0,
      qualities: [.minor, .minor, .minor, .minorSeventh, .minorSixth, .suspendedSecond], weight: 4),
    Step(function: .tonic, semitones: 3, qualities: [.major, .majorSeventh], weight: 0.9),
    Step(function: .tonic, semitones: 8, qualities: [.major, .majorSeventh], weight: 0.8),
    Step(function: .subdominant, semitones: 5, qualities: [.minor, .minorSeventh], weight: 2),
    Step(
      function: .subdominant, semitones: 2, qualities: [.diminished, .halfDiminished],
      weight: 0.8),
    Step(
      function: .dominant, semitones: 7,
      qualities: [.major, .dominantSeventh, .ninth, .suspendedFourth], weight: 2),
    Step(function: .dominant, semitones: 7, qualities: [.minor, .minorSeventh], weight: 0.7),
    Step(function: .dominant, semitones: 10, qualities: [.major, .dominantSeventh], weight: 0.8),
    Step(
      function: .dominant, semitones: 11, qualities: [.diminished, .diminishedSeventh],
      weight: 0.4),
  ]
  static let borrowedInMinor: [Step] = [
    Step(function: .subdominant, semitones: 5, qualities: [.major, .dominantSeventh], weight: 0.5),
    Step(function: .subdominant, semitones: 1, qualities: [.major, .majorSeventh], weight: 0.4),
    Step(function: .tonic, semitones: 0, qualities: [.major], weight: 0.3),
    Step(function: .tonic, semitones: 9, qualities: [.halfDiminished], weight: 0.2),
    Step(function: .dominant, semitones: 1, qualities: [.dominantSeventh], weight: 0.2),
  ]
}
