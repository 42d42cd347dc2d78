import Tensor

/// The parts of a piece; the raw value is the name in the labels.
public enum Part: String, CaseIterable, Codable, Sendable {
  /// The melody; present in every piece.
  case melody
  /// The harmony; present in every piece.
  case chords
  /// The lowest line; absent from some pieces.
  case bass
  /// The drum kit; absent from some pieces. Its strokes are not among the labelled notes.
  case drums
}

/// One pitched part with its notes.
struct ScorePart: Sendable {
  var part: Part
  var instrument: Instrument
  var notes: [ScoreNote]
  /// The fraction of its written length for which a note is held.
  var articulation: Float
}

/// A composed piece without its sound.
struct Score: Sendable {
  let key: MusicalKey
  /// Beats per minute.
  let tempo: Float
  let beatsPerBar: Int
  /// The fraction of a beat that its first half takes; 0.5 is straight.
  let swing: Float
  /// The seconds of the score before the first sample of the piece, which starts in the middle of
  /// the music.
  let lead: Float
  let spans: [ChordSpan]
  let parts: [ScorePart]
  let hits: [DrumHit]
  let beats: Int

  /// The time of a beat of the score, seconds from the first sample of the piece.
  func time(ofBeat beat: Float) -> Float {
    let whole = beat.rounded(.down)
    let part = beat - whole
    let swung = part < 0.5 ? 2 * part * swing : swing + (2 * part - 1) * (1 - swing)
    return (whole + swung) * 60 / tempo - lead
  }
}

extension Score {
  /// Composes a piece of at least `seconds`.
  static func composed(seconds: Float, using stream: inout RandomStream) -> Score {
    let key = stream.pick(MusicalKey.all)
    let tempo = stream.logUniform(60...180)
    let beatsPerBar = stream.chance(0.25) ? 3 : 4
    let leadIn = stream.uniform(0...1) * min(2, 60 / tempo * Float(beatsPerBar))
    let bars = Int((seconds + leadIn) * tempo / 60 / Float(beatsPerBar)) + 1
    let swing = stream.chance(0.3) ? stream.uniform(0.56...0.67) : 0.5
    let spans = Progression.drawn(in: key, using: &stream).spans(
      beats: bars * beatsPerBar, beatsPerBar: beatsPerBar, tempo: tempo, using: &stream)
    let players = Players(
      key: key, tempo: tempo, beatsPerBar: beatsPerBar, bars: bars, spans: spans)
    let harmony = stream.pick(Instrument.allCases)
    // Usually one instrument plays melody and chords, as on a piano. Otherwise the harmony could be
    // recognised by its timbre.
    let lead = stream.chance(0.8) ? harmony : stream.pick(Instrument.allCases)
    var parts = [
      players.melody(on: lead, using: &stream), players.chords(on: harmony, using: &stream),
    ]
    if stream.chance(0.6) { parts.append(players.bass(using: &stream)) }
    let hits = stream.chance(0.5) ? players.drums(using: &stream) : []
    return Score(
      key: key, tempo: tempo, beatsPerBar: beatsPerBar, swing: swing, lead: leadIn, spans: spans,
      parts: parts, hits: hits, beats: bars * beatsPerBar)
  }
}

/// The players, who play from one progression.
private struct Players {
  let key: MusicalKey
  let tempo: Float
  let beatsPerBar: Int
  let bars: Int
  let spans: [ChordSpan]

  func melody(on instrument: Instrument, using stream: inout RandomStream) -> ScorePart {
    let range = register(of: instrument, centre: 62...89, width: 16...24, using: &stream)
    let melody = Melody(key: key, range: range, beatsPerBar: beatsPerBar, tempo: tempo)
    return ScorePart(
      part: .melody, instrument: instrument,
      notes: melody.notes(over: spans, bars: bars, using: &stream),
      articulation: stream.uniform(0.5...1))
  }

  func chords(on instrument: Instrument, using stream: inout RandomStream) -> ScorePart {
    let range = register(of: instrument, centre: 42...77, width: 15...30, using: &stream)
    let accompaniment = Accompaniment(
      range: range, beatsPerBar: beatsPerBar, tempo: tempo, using: &stream)
    return ScorePart(
      part: .chords, instrument: instrument,
      notes: accompaniment.notes(over: spans, using: &stream),
      articulation: stream.uniform(0.4...1))
  }

  func bass(using stream: inout RandomStream) -> ScorePart {
    let lowest = stream.integer(28...36)
    let line = BassLine(
      range: lowest...lowest + 15, key: key, style: stream.pick(BassLine.Style.allCases))
    return ScorePart(
      part: .bass, instrument: stream.pick(Instrument.basses),
      notes: line.notes(over: spans, using: &stream), articulation: stream.uniform(0.6...1))
  }

  func drums(using stream: inout RandomStream) -> [DrumHit] {
    let pattern = DrumPattern.drawn(beatsPerBar: beatsPerBar, using: &stream)
    return (0..<bars).flatMap { bar in
      let start = Float(bar * beatsPerBar)
      let hits = pattern.hits(from: start, using: &stream)
      guard bar % 4 == 3, stream.chance(0.6) else { return hits }
      let end = start + Float(beatsPerBar)
      return hits.filter { $0.beat < end - 1 } + DrumPattern.fill(before: end, using: &stream)
    }
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
