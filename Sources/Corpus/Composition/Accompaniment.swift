import Tensor

/// The styles in which chords are played.
enum ChordStyle: CaseIterable, Sendable {
  case sustained, block, comping, offbeat, arpeggio
  /// Each chord enters half a beat before its beat.
  case anticipated
}

/// Chords in a register: voicings that move in small steps, played in one style.
struct Accompaniment {
  let range: ClosedRange<Int>
  let beatsPerBar: Int
  let style: ChordStyle
  /// Whether every other tone is raised by an octave.
  let isOpen: Bool
  /// The number of tones of an arpeggio per beat.
  let rate: Int
  /// The order of the tones in an arpeggio, as indices from the lowest.
  let order: [Int]
  /// The strikes of a comping player in a bar, in half beats.
  let strikes: [Int]

  init(range: ClosedRange<Int>, beatsPerBar: Int, tempo: Float, using stream: inout RandomStream) {
    self.range = range
    self.beatsPerBar = beatsPerBar
    style = stream.pick(ChordStyle.allCases)
    isOpen = range.count > 18 && stream.chance(0.5)
    rate = tempo > 125 ? stream.pick([1, 2, 2]) : stream.pick([2, 2, 3, 4])
    order = stream.pick([
      [0, 1, 2, 3], [3, 2, 1, 0], [0, 1, 2, 3, 2, 1], [0, 2, 1, 3], [0, 2, 1, 2],
    ])
    strikes = Accompaniment.rhythm(beatsPerBar: beatsPerBar, using: &stream)
  }

  /// The half beats of a bar that are struck, at least two.
  private static func rhythm(beatsPerBar: Int, using stream: inout RandomStream) -> [Int] {
    let drawn = (0..<2 * beatsPerBar).filter { stream.chance($0 % 2 == 0 ? 0.55 : 0.4) }
    return drawn.count >= 2 ? drawn : [0, 3]
  }

  func notes(over spans: [ChordSpan], using stream: inout RandomStream) -> [ScoreNote] {
    var previous: [Int] = []
    return spans.flatMap { span in
      let voicing = voicing(of: span.chord, after: previous, using: &stream)
      previous = voicing
      return play(voicing, during: span, using: &stream)
    }
  }

  /// The tones of the chord near the previous voicing, or in the middle of the range.
  private func voicing(
    of chord: Chord, after previous: [Int], using stream: inout RandomStream
  ) -> [Int] {
    let middle =
      previous.isEmpty
      ? stream.integer(range.lowerBound + 3...range.upperBound - 8)
      : previous[0] + stream.integer(-2...2)
    var pitches: [Int] = []
    var lowest = middle.folded(into: range).nearest(in: chord.pitchClasses)
    for _ in 0..<max(4, chord.pitchClasses.count) {
      pitches.append(lowest.folded(into: range))
      repeat { lowest += 1 } while !chord.pitchClasses.contains(lowest.pitchClass)
    }
    if isOpen { for i in stride(from: 1, to: pitches.count, by: 2) { pitches[i] += 12 } }
    return Set(pitches.map { $0.folded(into: range) }).sorted()
  }

  private func play(
    _ voicing: [Int], during span: ChordSpan, using stream: inout RandomStream
  ) -> [ScoreNote] {
    let (start, end) = (Float(span.start), Float(span.end))
    switch style {
    case .sustained:
      return struck(voicing, from: start, to: end, using: &stream)
    case .block:
      return (span.start..<span.end).flatMap {
        struck(voicing, from: Float($0), to: Float($0 + 1), using: &stream)
      }
    case .offbeat:
      return (span.start..<span.end).flatMap {
        struck(voicing, from: Float($0) + 0.5, to: Float($0 + 1), using: &stream)
      }
    case .comping:
      let beats = comped(during: span)
      return zip(beats, beats.dropFirst() + [end]).flatMap {
        struck(voicing, from: $0, to: $1, using: &stream)
      }
    case .anticipated:
      let early = max(0, start - 0.5)
      return struck(voicing, from: early, to: end - 0.5, using: &stream)
    case .arpeggio:
      return arpeggiated(voicing, during: span, using: &stream)
    }
  }

  /// The strikes within a span, in beats; its start is always struck.
  private func comped(during span: ChordSpan) -> [Float] {
    let inside = (2 * span.start..<2 * span.end).filter { strikes.contains($0 % (2 * beatsPerBar)) }
    return Set(inside + [2 * span.start]).sorted().map { Float($0) / 2 }
  }

  private func struck(
    _ voicing: [Int], from start: Float, to end: Float, using stream: inout RandomStream
  ) -> [ScoreNote] {
    let velocity = stream.uniform(0.5...0.85)
    return voicing.map {
      ScoreNote(start: start, length: end - start, pitch: $0, velocity: velocity)
    }
  }

  private func arpeggiated(
    _ voicing: [Int], during span: ChordSpan, using stream: inout RandomStream
  ) -> [ScoreNote] {
    (0..<(span.end - span.start) * rate).map { i in
      ScoreNote(
        start: Float(span.start) + Float(i) / Float(rate), length: 1.5 / Float(rate),
        pitch: voicing[order[i % order.count] % voicing.count],
        velocity: stream.uniform(0.5...0.85))
    }
  }
}
