import Tensor

/// One rendered piece of the built-in corpus with its labels.
public struct CorpusPiece: Sendable {
  /// Mono samples at `Corpus.sampleRate`, -1…1.
  public let samples: [Float]
  /// Key, chords, beats, notes and instruments.
  public let labels: PieceLabels

  /// Composes and renders piece `index`. The result depends on the arguments alone, so pieces can
  /// be rendered in any order and on any number of threads.
  /// - Parameters:
  ///   - index: The number of the piece.
  ///   - seed: The seed of all draws.
  ///   - seconds: The length of the piece, `Corpus.possibleSeconds`.
  public init(index: Int, seed: UInt64, seconds: Float = Corpus.pieceSeconds) {
    var stream = RandomStream(seed: seed, purpose: .corpus, sample: index)
    let score = Score.composed(seconds: seconds, using: &stream)
    let performance = Performance(of: score, using: &stream)
    samples = performance.rendered(using: &stream)
    labels = PieceLabels(file: Corpus.fileName(index), performance)
  }
}

extension CorpusPiece {
  /// The separate parts as they enter the mix: before reverberation, equaliser, saturation and
  /// final level.
  public static func stems(
    index: Int, seed: UInt64, seconds: Float = Corpus.pieceSeconds
  ) -> [Part: [Float]] {
    var stream = RandomStream(seed: seed, purpose: .corpus, sample: index)
    let score = Score.composed(seconds: seconds, using: &stream)
    let performance = Performance(of: score, using: &stream)
    let lead = Int(score.lead * synthRate)
    let count = lead + Int(seconds * synthRate)
    let stems = performance.stems(count: count, using: &stream)
    return Dictionary(uniqueKeysWithValues: stems.map { ($0.part, Array($0.samples[lead...])) })
  }

  /// The labels of a piece without its audio: equal to those of the piece, in a fraction of the
  /// time.
  public static func labels(
    index: Int, seed: UInt64, seconds: Float = Corpus.pieceSeconds
  ) -> PieceLabels {
    var stream = RandomStream(seed: seed, purpose: .corpus, sample: index)
    let score = Score.composed(seconds: seconds, using: &stream)
    let performance = Performance(of: score, using: &stream)
    return PieceLabels(file: Corpus.fileName(index), performance)
  }
}

/// A score with times in seconds and slight random deviations, as by human players.
struct Performance: Sendable {
  struct Note: Sendable {
    /// Seconds from the piece's first sample; may lie before it.
    var start: Float
    var end: Float
    var pitch: Int
    var velocity: Float
    var instrument: Instrument
    var part: Part
  }

  let score: Score
  let notes: [Note]
  /// The deviation of all instruments from concert pitch, cents.
  let tuning: Float

  init(of score: Score, using stream: inout RandomStream) {
    let looseness = stream.uniform(0...0.012)
    tuning = stream.uniform(-20...20) + stream.uniform(-20...20)
    self.score = score
    notes = score.parts.flatMap { part in
      part.notes.map { note in
        let start = score.time(ofBeat: note.start) + stream.uniform(-looseness...looseness)
        let end = score.time(ofBeat: note.start + note.length * part.articulation)
        return Note(
          start: start, end: max(end, start + 0.06), pitch: note.pitch, velocity: note.velocity,
          instrument: part.instrument, part: part.part)
      }
    }
  }

  /// The finished audio.
  func rendered(using stream: inout RandomStream) -> [Float] {
    let lead = Int(score.lead * synthRate)
    var mix = [Float](repeating: 0, count: lead + Int(score.seconds * synthRate))
    for (_, stem) in stems(count: mix.count, using: &stream) { mix.add(stem) }
    let mixer = Mixer(using: &stream)
    var noise = stream.noise()
    return mixer.master(mix, lead: lead, noise: &noise)
  }

  /// The separate parts at their levels in the mix, including the score's lead.
  func stems(
    count: Int, using stream: inout RandomStream
  ) -> [(part: Part, samples: [Float])] {
    var stems = score.parts.map { ($0.part, sound(of: $0, count: count, using: &stream)) }
    if !score.hits.isEmpty { stems.append((.drums, drums(count: count, using: &stream))) }
    return stems
  }

  /// One pitched part at its level in the mix.
  private func sound(of part: ScorePart, count: Int, using stream: inout RandomStream) -> [Float] {
    let patch = part.instrument.patch(using: &stream)
    let body = Body(of: part.instrument, using: &stream)
    var noise = stream.noise()
    var sum = [Float](repeating: 0, count: count)
    for note in notes where note.part == part.part {
      let start = Int((note.start + score.lead) * synthRate)
      guard start < count else { continue }
      let gate = min(note.end - note.start, Float(count - start) / synthRate)
      let frequency = 440 * ratio(cents: 100 * Float(note.pitch - 69) + tuning)
      let tone = Tone(frequency: frequency, gate: gate, velocity: note.velocity)
      sum.add(patch.render(tone, noise: &noise), at: start)
    }
    body.resonate(&sum)
    Mixer.place(&sum, part: part.part, using: &stream)
    return sum
  }

  private func drums(count: Int, using stream: inout RandomStream) -> [Float] {
    let kit = DrumKit(using: &stream)
    var sum = [Float](repeating: 0, count: count)
    for hit in score.hits {
      let start = Int((score.time(ofBeat: hit.beat) + score.lead) * synthRate)
      sum.add(kit.sound(of: hit.drum), scaledBy: hit.velocity, at: start)
    }
    Mixer.place(&sum, part: .drums, using: &stream)
    return sum
  }
}
