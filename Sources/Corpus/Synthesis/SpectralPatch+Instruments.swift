import Tensor

extension SpectralPatch {
  /// Drawbars: a few octaves and fifths with a short attack and release.
  static func organ(using stream: inout RandomStream) -> SpectralPatch {
    var bars = [Float](repeating: 0, count: 16)
    for (harmonic, probability) in [(1, 1), (2, 0.8), (3, 0.6), (4, 0.7), (6, 0.4), (8, 0.5)] {
      if stream.chance(Float(probability)) {
        bars[harmonic - 1] = stream.uniform(0.3...1) / Float(harmonic).squareRoot()
      }
    }
    return SpectralPatch(
      dark: bars, bright: bars,
      envelope: Envelope(
        attack: stream.uniform(0.004...0.03), decay: 1, sustain: 1,
        release: stream.uniform(0.04...0.12)),
      detune: stream.uniform(1...7), voices: stream.chance(0.5) ? 3 : 1,
      vibrato: Vibrato(rate: stream.uniform(5...7), cents: stream.uniform(0...9), delay: 0))
  }

  /// Brass: louder notes have more harmonics.
  static func brass(using stream: inout RandomStream) -> SpectralPatch {
    SpectralPatch(
      dark: rolledOff(24, power: stream.uniform(1.8...2.6), formant: 2),
      bright: rolledOff(24, power: stream.uniform(0.5...0.9), formant: stream.uniform(3...6)),
      envelope: Envelope(
        attack: stream.uniform(0.03...0.1), decay: stream.uniform(0.3...1),
        sustain: stream.uniform(0.6...0.9), release: stream.uniform(0.08...0.2)),
      opening: stream.uniform(0.7...1.3),
      vibrato: Vibrato(
        rate: stream.uniform(4.5...6), cents: stream.uniform(0...15), delay: 0.4))
  }

  /// A flute: nearly a sine, with breath noise.
  static func flute(using stream: inout RandomStream) -> SpectralPatch {
    SpectralPatch(
      dark: [1, stream.uniform(0.1...0.4), stream.uniform(0.03...0.2), 0.04],
      bright: [1, stream.uniform(0.4...0.9), stream.uniform(0.15...0.4), 0.12, 0.06],
      envelope: Envelope(
        attack: stream.uniform(0.03...0.12), decay: 0.5, sustain: stream.uniform(0.75...1),
        release: stream.uniform(0.08...0.2)),
      opening: stream.uniform(0.4...1),
      vibrato: Vibrato(
        rate: stream.uniform(4...6.5), cents: stream.uniform(5...30), delay: 0.3),
      breath: stream.uniform(0.05...0.3))
  }

  /// A closed pipe: mainly odd harmonics.
  static func reed(using stream: inout RandomStream) -> SpectralPatch {
    let even = stream.uniform(0.02...0.1)
    let slope = stream.uniform(0.8...1.1)
    let hollow = (1...20).map { h in
      (h % 2 == 1 ? 1 : even) / power(Float(h), slope)
    }
    return SpectralPatch(
      dark: Array(hollow.prefix(7)), bright: hollow,
      envelope: Envelope(
        attack: stream.uniform(0.02...0.07), decay: 0.4, sustain: stream.uniform(0.7...0.95),
        release: stream.uniform(0.06...0.15)),
      opening: stream.uniform(0.6...1.2),
      vibrato: Vibrato(rate: stream.uniform(4...6), cents: stream.uniform(0...10), delay: 0.5),
      breath: stream.uniform(0...0.08))
  }

  /// A string section: several slightly detuned voices.
  static func strings(using stream: inout RandomStream) -> SpectralPatch {
    SpectralPatch(
      dark: rolledOff(30, power: stream.uniform(1.3...1.8), formant: 3),
      bright: rolledOff(30, power: stream.uniform(0.8...1.2), formant: stream.uniform(3...8)),
      envelope: Envelope(
        attack: stream.uniform(0.05...0.25), decay: 1, sustain: stream.uniform(0.8...1),
        release: stream.uniform(0.15...0.5)),
      opening: stream.uniform(0.5...1.1),
      detune: stream.uniform(5...12), voices: 3,
      vibrato: Vibrato(
        rate: stream.uniform(4.5...6.5), cents: stream.uniform(5...20), delay: 0.3))
  }

  /// Harmonics that fall as `1 / h^power`, raised around the harmonic `formant`.
  private static func rolledOff(_ count: Int, power slope: Float, formant: Float) -> [Float] {
    (1...count).map { h in
      let distance = (Float(h) - formant) / 2
      return (1 + 1.2 / (1 + distance * distance)) / power(Float(h), slope)
    }
  }
}
