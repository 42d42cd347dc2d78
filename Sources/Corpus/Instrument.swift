import Tensor

/// The pitched instruments of the built-in corpus; the raw value is the name in the labels.
public enum Instrument: String, CaseIterable, Codable, Sendable {
  case organ, brass, flute, reed, strings, lead
  case electricPiano = "epiano"
  case bell, guitar, harp

  /// The range of the instrument, MIDI numbers.
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

  /// The instruments that may play the bass.
  static let basses: [Instrument] = [.guitar, .lead, .organ, .electricPiano, .strings, .brass]

  /// A sound of this instrument with random parameters, so that every piece has its own.
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
  /// A single note with random parameters from the seed, for example for probes of single notes.
  /// - Parameters:
  ///   - pitch: MIDI number, 69 = 440 Hz.
  ///   - seconds: The time until the release of the key.
  ///   - velocity: The strength of the attack, 0…1.
  ///   - seed: The seed of the parameters.
  /// - Returns: Samples at `Corpus.sampleRate`, including the release.
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

/// The parameters of one note for a synthesiser.
struct Tone: Sendable {
  /// The frequency, Hz.
  var frequency: Float
  /// The time until the release of the key, seconds.
  var gate: Float
  /// The strength of the attack, 0…1; it also controls brightness.
  var velocity: Float
}

/// A sound that renders notes.
protocol Patch: Sendable {
  /// The samples of a tone, including its release, at roughly the same power for every patch.
  func render(_ tone: Tone, noise: inout NoiseSource) -> [Float]
}
