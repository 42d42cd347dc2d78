import Tensor

/// The players, who play from one progression, section by section.
struct Players {
  let key: MusicalKey
  let tempo: Float
  let meter: Meter
  let form: Form
  /// The chords of each section.
  let spans: [[ChordSpan]]

  func melody(on instrument: Instrument, using stream: inout RandomStream) -> ScorePart {
    let range = register(of: instrument, centre: 60...90, width: 16...24, using: &stream)
    let melody = Melody(key: key, range: range, beatsPerBar: meter.beats, tempo: tempo)
    let themes = form.letters.map { _ in melody.theme(using: &stream) }
    var notes: [ScoreNote] = []
    for (section, spans) in zip(form.sections, spans) {
      notes += melody.notes(
        on: themes[section.letter], over: spans, bars: section.bars, using: &stream)
    }
    return ScorePart(
      part: .melody, instrument: instrument, notes: notes, articulation: stream.uniform(0.5...1))
  }

  func chords(on instrument: Instrument, using stream: inout RandomStream) -> ScorePart {
    let range = register(of: instrument, centre: 40...79, width: 15...30, using: &stream)
    let styles = form.letters.map { _ in
      Accompaniment(range: range, beatsPerBar: meter.beats, tempo: tempo, using: &stream)
    }
    var notes: [ScoreNote] = []
    for (section, spans) in zip(form.sections, spans) {
      notes += styles[section.letter].notes(over: spans, using: &stream)
    }
    return ScorePart(
      part: .chords, instrument: instrument, notes: notes, articulation: stream.uniform(0.4...1))
  }

  func bass(using stream: inout RandomStream) -> ScorePart {
    let lowest = stream.integer(28...36)
    let lines = form.letters.map { _ in
      BassLine(
        range: lowest...lowest + 15, key: key, style: stream.pick(BassLine.Style.allCases))
    }
    var notes: [ScoreNote] = []
    for (section, spans) in zip(form.sections, spans) {
      notes += lines[section.letter].notes(over: spans, using: &stream)
    }
    return ScorePart(
      part: .bass, instrument: stream.pick(Instrument.basses), notes: notes,
      articulation: stream.uniform(0.6...1))
  }

  func drums(using stream: inout RandomStream) -> [DrumHit] {
    let patterns = form.letters.map { _ in DrumPattern.drawn(for: meter, using: &stream) }
    var hits: [DrumHit] = []
    for section in form.sections {
      for bar in section.bars {
        hits += strokes(ofBar: bar, pattern: patterns[section.letter], using: &stream)
      }
    }
    return hits
  }

  /// The strokes of a bar; of some bars the last beat is a fill.
  private func strokes(
    ofBar bar: Int, pattern: DrumPattern, using stream: inout RandomStream
  ) -> [DrumHit] {
    let (start, end) = (Float(bar * meter.beats), Float((bar + 1) * meter.beats))
    let hits = pattern.hits(from: start, using: &stream)
    guard bar % 4 == 3, stream.chance(0.6) else { return hits }
    return hits.filter { $0.beat < end - 1 } + DrumPattern.fill(before: end, using: &stream)
  }

  /// A range of the instrument around a random centre, at least an octave wide.
  private func register(
    of instrument: Instrument, centre: ClosedRange<Int>, width: ClosedRange<Int>,
    using stream: inout RandomStream
  ) -> ClosedRange<Int> {
    let width = stream.integer(width)
    let range = instrument.range
    let lowest = stream.integer(centre) - width / 2
    let low = max(range.lowerBound, min(lowest, range.upperBound - width))
    return low...min(low + width, range.upperBound)
  }
}
