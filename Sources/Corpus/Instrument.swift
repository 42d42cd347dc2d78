import Tensor

/// The pitched instruments of the built-in corpus; the raw value is the name in the labels.
public enum Instrument: String, CaseIterable, Codable, Sendable {
  case organ, brass, flute, reed, strings, lead
  case electricPiano = "epiano"
  case bell, guitar, harp

  /// The pitches it plays, MIDI numbers.
  public var range: ClosedRange<Int> {
    switch self {
    case .organ: 36...91
    case .brass: 40...84
    case .flute: 58...96
    case .reed: 48...91
    case .strings: 36...93
    case .lead: 33...91
    case .electricPiano: 33...93
    case .bell: 52...96
    case .guitar: 38...86
    case .harp: 36...93
    }
  }

  /// Those that may play the bass.
  static let basses: [Instrument] = [.guitar, .lead, .organ, .electricPiano, .strings, .brass]

  /// A sound of this instrument with every parameter drawn: no two pieces share one.
  func patch(using stream: inout RandomStream) -> any Patch {
    switch self {
    case .organ: SpectralPatch.organ(using: &stream)
    case .brass: SpectralPatch.brass(using: &stream)
    case .flute: SpectralPatch.flute(using: &stream)
    case .reed: SpectralPatch.reed(using: &stream)
    case .strings: SpectralPatch.strings(using: &stream)
    case .lead: LeadPatch(using: &stream)
    case .electricPiano: FrequencyModulationPatch.electricPiano(using: &stream)
    case .bell: FrequencyModulationPatch.bell(using: &stream)
    case .guitar: PluckedPatch.guitar(using: &stream)
    case .harp: PluckedPatch.harp(using: &stream)
    }
  }
}

extension Instrument {
  /// One note alone, with a sound drawn from the seed, as for probes of single notes.
  /// - Parameters:
  ///   - pitch: MIDI number, 69 = 440 Hz.
  ///   - seconds: Until the key is let go.
  ///   - velocity: How hard it is struck, 0…1.
  ///   - seed: The seed of the corpus.
  /// - Returns: Samples at `Corpus.sampleRate`, the release included.
  public func note(
    pitch: Int, seconds: Float, velocity: Float = 0.8, seed: UInt64
  ) -> [Float] {
    var stream = RandomStream(seed: seed, purpose: .corpus, step: 1, sample: pitch)
    let patch = patch(using: &stream)
    var noise = stream.noise()
    let frequency = 440 * ratio(cents: 100 * Float(pitch - 69))
    return patch.render(
      Tone(frequency: frequency, gate: seconds, velocity: velocity), noise: &noise)
  }
}

/// One note as a synthesiser sees it.
struct Tone: Sendable {
  /// Hz.
  var frequency: Float
  /// Seconds until the key is let go.
  var gate: Float
  /// How hard it is struck, 0…1; brightness follows it.
  var velocity: Float
}

/// A playable sound.
protocol Patch: Sendable {
  /// The samples of a tone, its release included, at roughly the same power for every patch.
  func render(_ tone: Tone, noise: inout NoiseSource) -> [Float]
}
