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
  /// The length of the piece, seconds.
  let seconds: Float
  let key: MusicalKey
  /// Beats per minute.
  let tempo: Float
  let meter: Meter
  /// The fraction of a beat that its first half takes; 0.5 is straight.
  let swing: Float
  /// The seconds of the score before the first sample of the piece, which starts in the middle of
  /// the music.
  let lead: Float
  let form: Form
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
    let tempo = stream.logUniform(50...200)
    let meter = Meter.drawn(using: &stream)
    let leadIn = stream.uniform(0...1) * min(2, 60 / tempo * Float(meter.beats))
    let bars = Int((seconds + leadIn) * tempo / 60 / Float(meter.beats)) + 1
    let swing = stream.chance(0.3) ? stream.uniform(0.56...0.67) : 0.5
    let form = Form.drawn(bars: bars, using: &stream)
    let progression = Progression.drawn(in: key, using: &stream)
    let loops = form.letters.map { _ in
      progression.loop(meter: meter, tempo: tempo, using: &stream)
    }
    let spans = form.sections.map { section in
      loops[section.letter].spans(
        beats: section.bars.lowerBound * meter.beats..<section.bars.upperBound * meter.beats)
    }
    let players = Players(key: key, tempo: tempo, meter: meter, form: form, spans: spans)
    let harmony = stream.pick(Instrument.allCases)
    // Usually one instrument plays melody and chords, as on a piano. Otherwise the harmony could be
    // recognised by its timbre.
    let lead = stream.chance(0.8) ? harmony : stream.pick(Instrument.allCases)
    var parts = [
      players.melody(on: lead, using: &stream), players.chords(on: harmony, using: &stream),
    ]
    if stream.chance(0.6) { parts.append(players.bass(using: &stream)) }
    let hits = stream.chance(0.6) ? players.drums(using: &stream) : []
    return Score(
      seconds: seconds, key: key, tempo: tempo, meter: meter, swing: swing, lead: leadIn,
      form: form, spans: spans.flatMap(\.self), parts: parts, hits: hits, beats: bars * meter.beats)
  }
}
