import Tensor

/// Frequency modulation: a carrier at the pitch, and modulators whose amplitude decays.
///
/// Source: Chowning, "The synthesis of complex audio spectra by means of frequency modulation",
/// JAES 1973.
struct FrequencyModulationPatch: Patch {
  struct Modulator: Sendable {
    /// Multiple of the carrier's frequency.
    var ratio: Float
    /// The greatest deviation of the carrier's phase at full velocity, cycles.
    var index: Float
    /// Time to fall by 60 dB, seconds.
    var decay: Float
  }

  var modulators: [Modulator]
  var envelope: Envelope
  /// The depth of the tremolo, 0…1, and its rate, Hz.
  var tremolo: (depth: Float, rate: Float) = (0, 5)

  func render(_ tone: Tone, noise: inout NoiseSource) -> [Float] {
    let curve = envelope.curve(gate: tone.gate)
    let increment = tone.frequency / synthRate
    var swing = [Float](repeating: 0, count: curve.count)
    for modulator in modulators where modulator.ratio * increment < 0.4 {
      add(modulator, at: increment, velocity: tone.velocity, to: &swing)
    }
    var phase: Float = 0
    let swell = tremolo.rate / synthRate
    for i in swing.indices {
      let level = 1 - tremolo.depth * (0.5 + 0.5 * Wavetable.sine(wrapped(swell * Float(i))))
      swing[i] = tone.velocity * level * curve[i] * Wavetable.sine(wrapped(phase + swing[i]))
      phase += increment
      phase -= phase >= 1 ? 1 : 0
    }
    return swing
  }

  private func add(
    _ modulator: Modulator, at increment: Float, velocity: Float, to swing: inout [Float]
  ) {
    // The modulation of high notes would alias, so it decreases as the modulator approaches 0.4 of
    // the sample rate.
    let room = 1 - modulator.ratio * increment / 0.4
    var level = modulator.index * velocity * room
    let factor = decayFactor(seconds: modulator.decay)
    var phase: Float = 0
    for i in swing.indices {
      swing[i] += level * Wavetable.sine(phase)
      level *= factor
      phase += modulator.ratio * increment
      phase -= phase >= 1 ? 1 : 0
    }
  }
}

extension FrequencyModulationPatch {
  /// A short, high tine sound over a soft carrier.
  static func electricPiano(using stream: inout RandomStream) -> FrequencyModulationPatch {
    FrequencyModulationPatch(
      modulators: [
        Modulator(ratio: 1, index: stream.uniform(0.06...0.25), decay: stream.uniform(0.6...2)),
        Modulator(
          ratio: Float(stream.pick([7, 11, 14])), index: stream.uniform(0.01...0.06),
          decay: stream.uniform(0.1...0.4)),
      ],
      envelope: Envelope(
        attack: 0.002, decay: stream.uniform(1.5...4), sustain: 0,
        release: stream.uniform(0.1...0.3)),
      tremolo: (stream.chance(0.5) ? stream.uniform(0.1...0.5) : 0, stream.uniform(3...7)))
  }

  /// Modulators at inharmonic ratios, over a carrier at the pitch.
  static func bell(using stream: inout RandomStream) -> FrequencyModulationPatch {
    FrequencyModulationPatch(
      modulators: [
        Modulator(
          ratio: stream.pick([2.76, 3.5, 4.07, 5.4]) * stream.uniform(0.98...1.02),
          index: stream.uniform(0.04...0.16), decay: stream.uniform(0.4...1.5))
      ],
      envelope: Envelope(
        attack: 0.001, decay: stream.uniform(1...3.5), sustain: 0,
        release: stream.uniform(0.4...1.2)))
  }
}
