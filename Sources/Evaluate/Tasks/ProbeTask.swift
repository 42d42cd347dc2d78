import Audio
import Corpus

/// A label of a corpus's pieces that a probe predicts from frozen features.
public protocol ProbeTask: Sendable {
  /// The name in recipes and tables.
  var name: String { get }
  /// How answers are scored.
  var metric: Metric { get }
  /// The examples that one piece gives.
  func examples(of labels: PieceLabels, piece: Int) -> [ProbeExample]
}

extension ProbeTask {
  /// The examples of a corpus.
  /// - Parameters:
  ///   - corpus: The music and its labels.
  ///   - maximum: The most examples to keep, see `ProbeExamples`.
  public func examples(in corpus: [PieceLabels], maximum: Int = .max) -> ProbeExamples {
    let all = corpus.enumerated().flatMap { piece, labels in examples(of: labels, piece: piece) }
    return ProbeExamples(task: name, metric: metric, all, maximum: maximum)
  }
}

/// The key of a piece: 24 classes, one example a piece.
public struct KeyTask: ProbeTask {
  /// `key`.
  public let name = "key"
  /// How answers are scored.
  public let metric: Metric

  /// The key, scored by accuracy unless said otherwise.
  public init(metric: Metric = .accuracy) { self.metric = metric }

  /// The whole piece.
  public func examples(of labels: PieceLabels, piece: Int) -> [ProbeExample] {
    let label = "\(pitchClassNames[labels.key.tonic]) \(labels.key.mode.rawValue)"
    return [ProbeExample(piece: piece, time: 0..<labels.seconds, label: label)]
  }
}

/// The instrument that plays one part in the mixture, one example for each stretch of a piece.
///
/// By default the chords': on 600 pieces the best hand-made statistics classify 61 % of them, so that there is
/// something to learn.
public struct InstrumentTask: ProbeTask {
  /// `instrument`.
  public let name = "instrument"
  /// How answers are scored.
  public let metric: Metric
  /// The part whose instrument is asked for.
  public let part: Part
  /// How long a stretch is, in seconds; a shorter rest joins the stretch before it.
  public let stretch: Double

  /// The instrument of a part, from stretches of some seconds.
  public init(part: Part = .chords, stretch: Double = 4, metric: Metric = .accuracy) {
    (self.part, self.stretch, self.metric) = (part, stretch, metric)
  }

  /// Equal stretches in which the part plays.
  public func examples(of labels: PieceLabels, piece: Int) -> [ProbeExample] {
    guard let instrument = labels.instruments[part.rawValue] else { return [] }
    let notes = labels.notes.filter { $0.part == part }
    let count = max(Int(labels.seconds / stretch), 1)
    let length = labels.seconds / Double(count)
    return (0..<count).compactMap { i in
      let time = Double(i) * length..<Double(i + 1) * length
      guard notes.contains(where: { $0.start < time.upperBound && $0.end > time.lowerBound })
      else { return nil }
      return ProbeExample(piece: piece, time: time, label: instrument)
    }
  }
}

/// The pitch class of the melody note that sounds, in the mixture: one example for each note.
///
/// Pitch classes rather than MIDI numbers, because 12 classes of 150 examples or more show it with
/// less spread than 49 of which some have one. On 600 pieces the best hand-made statistics classify 83 %.
public struct PitchTask: ProbeTask {
  /// `pitch`.
  public let name = "pitch"
  /// How answers are scored.
  public let metric: Metric
  /// The shortest note that counts, in seconds.
  public let shortest: Double

  /// Melody notes of at least `shortest` seconds.
  public init(shortest: Double = 0.15, metric: Metric = .accuracy) {
    (self.shortest, self.metric) = (shortest, metric)
  }

  /// The time of each long enough melody note.
  public func examples(of labels: PieceLabels, piece: Int) -> [ProbeExample] {
    labels.notes.filter { $0.part == .melody && $0.end - $0.start >= shortest }.map { note in
      ProbeExample(
        piece: piece, time: note.start..<note.end, label: pitchClassNames[note.pitch % 12])
    }
  }
}

/// Whether a moment is a beat or lies half-way between two: two examples a beat.
///
/// Notes and strokes begin at both, so that loudness alone does not distinguish them; the pulse does. Not MARBLE's beat
/// tracking, which decodes whole pieces: this asks the frames themselves.
public struct BeatTask: ProbeTask {
  /// `beat`.
  public let name = "beat"
  /// How answers are scored.
  public let metric: Metric
  /// How much around a moment is read, in seconds: the tolerance of beat tracking's F-measure, half to
  /// either side.
  public let stretch: Double

  /// Beats and the middles between them, `stretch` seconds each.
  public init(stretch: Double = 0.07, metric: Metric = .accuracy) {
    (self.stretch, self.metric) = (stretch, metric)
  }

  /// All beats that another follows, and the middles.
  public func examples(of labels: PieceLabels, piece: Int) -> [ProbeExample] {
    zip(labels.beats, labels.beats.dropFirst()).flatMap { beat, next in
      [("beat", beat), ("between", (beat + next) / 2)].compactMap { label, time in
        let heard = time - stretch / 2..<time + stretch / 2
        guard heard.lowerBound >= 0, heard.upperBound <= labels.seconds else { return nil }
        return ProbeExample(piece: piece, time: heard, label: label)
      }
    }
  }
}

/// The pitch classes from C upwards.
let pitchClassNames = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]
