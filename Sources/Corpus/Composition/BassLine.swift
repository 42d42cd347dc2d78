import Tensor

/// A bass line: roots and fifths, or a walking line through the chord.
struct BassLine {
  enum Style: CaseIterable { case held, roots, alternating, syncopated, walking }

  let range: ClosedRange<Int>
  let key: MusicalKey
  let style: Style

  func notes(over spans: [ChordSpan], using stream: inout RandomStream) -> [ScoreNote] {
    spans.flatMap { span in
      line(under: span, using: &stream).map { beat, length, pitch in
        ScoreNote(
          start: Float(span.start) + beat, length: length, pitch: pitch,
          velocity: stream.uniform(0.65...0.9))
      }
    }
  }

  private typealias Line = [(beat: Float, length: Float, pitch: Int)]

  /// Beats are counted from the start of the span.
  private func line(under span: ChordSpan, using stream: inout RandomStream) -> Line {
    let bass = lowest(span.chord.bass)
    let fifth = (bass + 7).nearest(in: span.chord.pitchClasses).folded(into: range)
    let beats = span.end - span.start
    switch style {
    case .held: return [(0, Float(beats), bass)]
    case .roots: return (0..<beats).map { (Float($0), 1, bass) }
    case .alternating:
      return (0..<beats).map { (Float($0), 1, $0.isMultiple(of: 2) ? bass : fifth) }
    case .syncopated: return syncopated(beats: beats, bass: bass, fifth: fifth)
    case .walking: return walk(beats: beats, from: bass, over: span.chord, using: &stream)
    }
  }

  private func lowest(_ pitchClass: Int) -> Int {
    (range.lowerBound - range.lowerBound.pitchClass + pitchClass).folded(into: range)
  }

  private func syncopated(beats: Int, bass: Int, fifth: Int) -> Line {
    (0..<beats).map { beat in
      let start = Float(beat)
      return beat.isMultiple(of: 2) ? (start, 1.5, bass) : (start + 0.5, 0.5, fifth)
    }
  }

  private func walk(
    beats: Int, from bass: Int, over chord: Chord, using stream: inout RandomStream
  ) -> Line {
    let scale = chord.scale(in: key)
    var pitch = bass
    return (0..<beats).map { beat in
      if beat > 0 { pitch = pitch.moved(by: stream.pick([-1, 1, 1, 2]), in: scale) }
      pitch = pitch.folded(into: range)
      return (Float(beat), 1, pitch)
    }
  }
}
