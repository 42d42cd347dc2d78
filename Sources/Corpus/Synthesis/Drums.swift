import Tensor

/// The voices of the drum kit.
enum Drum: CaseIterable, Sendable { case kick, snare, closedHat, openHat, lowTom, highTom }

/// One drum stroke.
struct DrumHit: Sendable {
  var drum: Drum
  /// Beats from the start of the score.
  var beat: Float
  var velocity: Float
}

/// The sounds of one kit: each drum is rendered once with random parameters.
struct DrumKit: Sendable {
  private let sounds: [Drum: [Float]]

  init(using stream: inout RandomStream) {
    let tune = stream.logUniform(0.8...1.3)
    let dryness = stream.logUniform(0.6...1.5)
    var noise = stream.noise()
    sounds = [
      .kick: skin(
        from: tune * stream.uniform(110...220), to: tune * stream.uniform(42...62),
        bend: stream.uniform(0.03...0.12), ring: dryness * stream.uniform(0.2...0.5)),
      .snare: snare(
        pitch: tune * stream.uniform(160...220), ring: dryness * stream.uniform(0.12...0.3),
        rattle: stream.uniform(0.5...1), brightness: stream.uniform(1500...5000), noise: &noise),
      .closedHat: metal(
        ring: dryness * stream.uniform(0.03...0.08), corner: stream.uniform(5000...8000),
        noise: &noise),
      .openHat: metal(
        ring: dryness * stream.uniform(0.25...0.7), corner: stream.uniform(4500...7500),
        noise: &noise),
      .lowTom: skin(
        from: tune * 140, to: tune * stream.uniform(80...100), bend: 0.15,
        ring: dryness * stream.uniform(0.3...0.6)),
      .highTom: skin(
        from: tune * 240, to: tune * stream.uniform(140...180), bend: 0.12,
        ring: dryness * stream.uniform(0.25...0.5)),
    ]
  }

  func sound(of drum: Drum) -> [Float] { sounds[drum] ?? [] }
}

/// A membrane: a sine whose frequency falls from `high` to `low`, Hz, within `bend` seconds.
private func skin(from high: Float, to low: Float, bend: Float, ring: Float) -> [Float] {
  let fall = decayFactor(seconds: bend)
  let fade = decayFactor(seconds: ring)
  var (above, level, phase): (Float, Float, Float) = (high - low, 1, 0)
  return (0..<Int(ring * synthRate)).map { _ in
    let x = level * Wavetable.sine(phase)
    phase = wrapped(phase + (low + above) / synthRate)
    above *= fall
    level *= fade
    return x
  }
}

/// A short membrane with wires that rattle longer.
private func snare(
  pitch: Float, ring: Float, rattle: Float, brightness: Float, noise: inout NoiseSource
) -> [Float] {
  var output = [Float](repeating: 0, count: Int(ring * synthRate))
  let fade = decayFactor(seconds: ring)
  var filter = StateVariableFilter(quality: 0.7)
  let g = StateVariableFilter.coefficient(cutoff: brightness)
  var level = rattle
  for i in output.indices {
    output[i] = level * filter(noise.next(), coefficient: g).band
    level *= fade
  }
  output.add(skin(from: 1.6 * pitch, to: pitch, bend: 0.03, ring: 0.6 * ring), scaledBy: 0.7)
  return output
}

/// Cymbals: high-pass filtered noise.
private func metal(ring: Float, corner: Float, noise: inout NoiseSource) -> [Float] {
  let fade = decayFactor(seconds: ring)
  var level: Float = 1
  var output = (0..<Int(ring * synthRate)).map { _ in
    level *= fade
    return level * noise.next()
  }
  output.cutLows(below: corner)
  output.cutLows(below: corner)
  return output
}
