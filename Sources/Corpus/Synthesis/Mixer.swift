import Tensor

/// The mixing desk: levels, equalisers, reverberation, saturation, noise floor and final level,
/// with random parameters for each piece.
struct Mixer {
  let reverb: Reverb
  /// The level of the reverberation relative to the direct sound.
  let wetness: Float
  let tilt: (decibels: Float, pivot: Float)
  /// The bands of the equaliser.
  let bands: [(decibels: Float, centre: Float, quality: Float)]
  let compressor: Compressor?
  /// The gain before the soft clipper.
  let drive: Float
  /// The level of the noise floor, and the cutoff of its low-pass filter, Hz.
  let noise: (level: Float, cutoff: Float)
  /// The peak of the finished piece.
  let peak: Float
  /// The cutoffs of a high-pass and a low-pass filter, Hz; nil for none.
  let lowCut: Float?
  let highCut: Float?

  init(using stream: inout RandomStream) {
    reverb = Reverb.drawn(using: &stream)
    wetness = stream.chance(0.15) ? 0 : stream.logUniform(0.03...0.35)
    tilt = (stream.uniform(-3...3), stream.logUniform(400...2000))
    bands = (0..<2).map { _ in
      (stream.uniform(-6...6), stream.logUniform(100...6000), stream.logUniform(0.5...1.5))
    }
    compressor = stream.chance(0.4) ? Compressor(using: &stream) : nil
    drive = stream.logUniform(0.3...2)
    noise = (amplitude(decibels: stream.uniform(-80 ... -45)), stream.logUniform(300...12_000))
    peak = amplitude(decibels: stream.uniform(-9 ... -0.5))
    lowCut = stream.chance(0.3) ? stream.logUniform(40...120) : nil
    highCut = stream.chance(0.15) ? stream.logUniform(4000...9000) : nil
  }

  /// Brings a part to its level in the mix: a random equaliser, then equal power and a random gain.
  static func place(_ samples: inout [Float], part: Part, using stream: inout RandomStream) {
    let gain = stream.uniform(gains(of: part))
    samples.tilt(decibels: stream.uniform(-2...2), pivot: stream.logUniform(300...2500))
    samples.bell(
      decibels: stream.uniform(-3...3), centre: stream.logUniform(200...5000), quality: 1)
    let level = samples.rootMeanSquare
    guard level > 0 else { return }
    let scale = 0.1 * amplitude(decibels: gain) / level
    for i in samples.indices { samples[i] *= scale }
  }

  /// The gain relative to a common level, dB.
  private static func gains(of part: Part) -> ClosedRange<Float> {
    switch part {
    case .melody: -1...5
    case .chords: -3...3
    case .bass: -8...0
    case .drums: -16 ... -4
    }
  }

  /// The finished audio from the sum of the parts, without its first `lead` samples.
  func master(_ parts: [Float], lead: Int, noise source: inout NoiseSource) -> [Float] {
    var mix = parts
    if wetness > 0 { mix.add(reverb(mix), scaledBy: wetness) }
    mix.tilt(decibels: tilt.decibels, pivot: tilt.pivot)
    if let lowCut { mix.cutLows(below: lowCut) }
    if let highCut { mix.cutHighs(above: highCut) }
    for band in bands {
      mix.bell(decibels: band.decibels, centre: band.centre, quality: band.quality)
    }
    compressor?.compress(&mix)
    mix.removeFirst(lead)
    let loudest = mix.lazy.map(abs).max() ?? 0
    let gain = loudest > 0 ? drive / loudest : 0
    var hiss = OnePole(cutoff: noise.cutoff)
    let hissLevel = noise.level / (noise.cutoff / 12_000).squareRoot()
    for i in mix.indices {
      mix[i] = softClipped(gain * mix[i]) / drive + hissLevel * hiss(source.next())
    }
    let reached = mix.lazy.map(abs).max() ?? 0
    for i in mix.indices { mix[i] *= peak / reached }
    return mix
  }
}

/// A smooth limiter to ±1: a Padé approximation of the hyperbolic tangent.
@inline(__always) func softClipped(_ x: Float) -> Float {
  let bounded = min(3, max(-3, x))
  let square = bounded * bounded
  return bounded * (27 + square) / (27 + 9 * square)
}
