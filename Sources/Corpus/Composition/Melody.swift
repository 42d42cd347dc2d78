import Tensor

/// A note of a score. Times are in beats from the start of the score.
struct ScoreNote: Sendable {
  var start: Float
  var length: Float
  /// MIDI number.
  var pitch: Int
  /// 0…1.
  var velocity: Float
}

/// The rhythm and contour of one bar, repeated later over other chords.
struct Motif: Sendable {
  struct Event: Sendable {
    /// Beats from the start of the bar.
    var start: Float
    var length: Float
    /// The interval from the previous note, scale steps.
    var step: Int
  }
  var events: [Event]

  /// Fills a bar with note lengths that suit the tempo, some of them rests.
  /// - Parameter pace: The player's typical number of notes per second.
  static func drawn(
    beatsPerBar: Int, tempo: Float, pace: Float, using stream: inout RandomStream
  ) -> Motif {
    let likely = tempo / 60 / pace
    let lengths: [Float] = [0.25, 0.5, 0.75, 1, 1.5, 2, 3]
    let weights = lengths.map { ($0, 1 / (0.15 + abs($0 - likely) / likely)) }
    var events: [Event] = []
    var beat: Float = stream.pick(weighted: [(0, 0.6), (0.5, 0.3), (0.75, 0.1)])
    while beat < Float(beatsPerBar) {
      let length = min(stream.pick(weighted: weights), Float(beatsPerBar) - beat)
      if !stream.chance(0.15) {
        events.append(Event(start: beat, length: length, step: leap(using: &stream)))
      }
      beat += length
    }
    return Motif(events: events)
  }

  /// A random interval in scale steps: usually small, sometimes a leap.
  private static func leap(using stream: inout RandomStream) -> Int {
    let size = stream.pick(weighted: [
      (0, 0.12), (1, 0.5), (2, 0.2), (3, 0.1), (4, 0.05), (7, 0.03),
    ])
    return stream.chance(0.5) ? size : -size
  }

  /// The same rhythm with a few intervals changed.
  func varied(using stream: inout RandomStream) -> Motif {
    var copy = self
    for i in copy.events.indices where stream.chance(0.3) {
      copy.events[i].step = Motif.leap(using: &stream)
    }
    return copy
  }
}

/// A singable line over a progression: motifs that return, chord tones on the beat, passing and
/// chromatic tones in between.
struct Melody {
  let key: MusicalKey
  let range: ClosedRange<Int>
  let beatsPerBar: Int
  let tempo: Float

  /// What the sections of one letter share.
  struct Theme: Sendable {
    let motifs: [Motif]
    /// The motif of each bar, repeated cyclically.
    let order: [Int]
    /// The probability of a chromatic approach to a note.
    let chromaticism: Float
  }

  func theme(using stream: inout RandomStream) -> Theme {
    let pace = stream.uniform(1.2...5)
    let motifs = (0..<3).map { _ in
      Motif.drawn(beatsPerBar: beatsPerBar, tempo: tempo, pace: pace, using: &stream)
    }
    let order = stream.pick([[0, 0, 1, 0], [0, 1, 0, 2], [0, 1], [0, 0, 1, 2], [0, 1, 2, 1]])
    return Theme(motifs: motifs, order: order, chromaticism: stream.uniform(0...0.08))
  }

  /// - Parameter bars: The bars of the section, counted from the start of the score.
  func notes(
    on theme: Theme, over spans: [ChordSpan], bars: Range<Int>, using stream: inout RandomStream
  ) -> [ScoreNote] {
    var pitch = (range.lowerBound + range.upperBound) / 2 + stream.integer(-4...4)
    var notes: [ScoreNote] = []
    for (i, bar) in bars.enumerated() where !stream.chance(0.05) {
      let motif = theme.motifs[theme.order[i % theme.order.count]]
      for event in (stream.chance(0.3) ? motif.varied(using: &stream) : motif).events {
        let beat = Float(bar * beatsPerBar) + event.start
        pitch = next(pitch, event, chord: spans.chord(at: beat), using: &stream)
        notes.append(note(pitch, at: beat, length: event.length, using: &stream))
      }
    }
    return approached(notes, chromaticism: theme.chromaticism, using: &stream)
  }

  private func next(
    _ pitch: Int, _ event: Motif.Event, chord: Chord, using stream: inout RandomStream
  ) -> Int {
    let step = range.contains(pitch + 2 * event.step) ? event.step : -event.step
    let moved = pitch.moved(by: step, in: chord.scale(in: key))
    let isStrong = event.start == event.start.rounded() || event.length >= 1
    guard isStrong, stream.chance(0.8) else { return moved.folded(into: range) }
    let tones = chord.pitchClasses
    let restsOnTonic = tones.contains(key.tonic) && event.length >= 1 && stream.chance(0.4)
    return moved.nearest(in: restsOnTonic ? [key.tonic] : tones).folded(into: range)
  }

  private func note(
    _ pitch: Int, at beat: Float, length: Float, using stream: inout RandomStream
  ) -> ScoreNote {
    let accent: Float = beat.truncatingRemainder(dividingBy: Float(beatsPerBar)) == 0 ? 0.12 : 0
    return ScoreNote(
      start: beat, length: length, pitch: pitch, velocity: accent + stream.uniform(0.55...0.85))
  }

  /// Moves some short notes to a semitone above or below the next note.
  private func approached(
    _ notes: [ScoreNote], chromaticism: Float, using stream: inout RandomStream
  ) -> [ScoreNote] {
    var notes = notes
    for i in notes.indices.dropLast() where notes[i].length <= 0.5 && stream.chance(chromaticism) {
      notes[i].pitch = (notes[i + 1].pitch + (stream.chance(0.5) ? 1 : -1)).folded(into: range)
    }
    return notes
  }
}

extension [ChordSpan] {
  /// The chord at a beat.
  func chord(at beat: Float) -> Chord {
    (last { Float($0.start) <= beat } ?? self[0]).chord
  }
}

extension Int {
  /// This pitch moved by steps of a scale, which is given as pitch classes.
  func moved(by steps: Int, in scale: [Int]) -> Int {
    var pitch = self
    var left = abs(steps)
    while left > 0 {
      pitch += steps > 0 ? 1 : -1
      if scale.contains(pitch.pitchClass) { left -= 1 }
    }
    return pitch.nearest(in: scale)
  }

  /// The nearest pitch whose class is one of `classes`; the lower one if two are equally near.
  func nearest(in classes: [Int]) -> Int {
    for distance in 0..<12 {
      if classes.contains((self - distance).pitchClass) { return self - distance }
      if classes.contains((self + distance).pitchClass) { return self + distance }
    }
    return self
  }

  /// This pitch, moved by octaves into a range of at least an octave.
  func folded(into range: ClosedRange<Int>) -> Int {
    precondition(range.count >= 12, "folded: \(range) is less than an octave")
    var pitch = self
    while pitch < range.lowerBound { pitch += 12 }
    while pitch > range.upperBound { pitch -= 12 }
    return pitch
  }

  /// The pitch class, 0 = C … 11 = B.
  var pitchClass: Int { ((self % 12) + 12) % 12 }
}
