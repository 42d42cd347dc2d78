import Tensor

/// A plucked string: a burst of noise in a delay line with a low-pass filter.
///
/// Source: Karplus and Strong 1983; the tuning and pick position follow Jaffe and Smith 1983,
/// both Computer Music Journal 7(2).
struct PluckedPatch: Patch {
  /// The weight of the neighbouring sample in the loop's low-pass filter, 0…0.5; a higher weight
  /// sounds duller.
  var damping: Float
  /// The time to fall by 60 dB at 220 Hz, seconds.
  var ring: Float
  /// The plucking position as a fraction of the string's length.
  var pickPosition: Float
  /// The cutoff of the burst's low-pass filter at full velocity, Hz.
  var hardness: Float
  /// The time to fall by 60 dB after the string is damped, seconds.
  var release: Float

  func render(_ tone: Tone, noise: inout NoiseSource) -> [Float] {
    let held = Int(tone.gate * synthRate)
    let count = held + Int(release * synthRate) + 1
    let period = synthRate / tone.frequency - damping
    let length = max(2, Int(period - 0.3))
    let fraction = period - Float(length)
    let allpass = (1 - fraction) / (1 + fraction)
    let seconds = ring * power(220 / tone.frequency, 0.5)
    let loss = power(0.001, 1 / (tone.frequency * seconds))
    var line = burst(length: length, velocity: tone.velocity, noise: &noise)
    var output = [Float](repeating: 0, count: count)
    var (position, last, passed, allpassed): (Int, Float, Float, Float) = (0, 0, 0, 0)
    for i in 0..<count {
      let x = line[position]
      output[i] = x
      let smooth = loss * ((1 - damping) * x + damping * last)
      last = x
      allpassed = allpass * (smooth - allpassed) + passed
      passed = smooth
      line[position] = allpassed
      position = position + 1 == length ? 0 : position + 1
    }
    touch(&output, from: held)
    return output
  }

  /// The burst: low-pass filtered noise with the comb filter of the plucking position. Cutoff and
  /// level grow with velocity.
  private func burst(length: Int, velocity: Float, noise: inout NoiseSource) -> [Float] {
    var soft = OnePole(cutoff: hardness * (0.15 + 0.85 * velocity * velocity))
    let raw = (0..<length).map { _ in soft(noise.next()) }
    let pick = max(1, Int(pickPosition * Float(length)))
    var line = raw.indices.map { raw[$0] - raw[($0 + length - pick) % length] }
    let mean = line.reduce(0, +) / Float(length)
    for i in line.indices { line[i] -= mean }
    let level = line.rootMeanSquare
    let gain = level > 0 ? velocity / level : 0
    for i in line.indices { line[i] *= gain }
    return line
  }

  private func touch(_ output: inout [Float], from start: Int) {
    let factor = decayFactor(seconds: release)
    var gain: Float = 1
    for i in min(start, output.count)..<output.count {
      gain *= factor
      output[i] *= gain
    }
  }
}

extension PluckedPatch {
  /// Steel strings: bright, plucked near the bridge, damped at the release.
  static func guitar(using stream: inout RandomStream) -> PluckedPatch {
    PluckedPatch(
      damping: stream.uniform(0.1...0.3), ring: stream.uniform(2...5),
      pickPosition: stream.uniform(0.08...0.2), hardness: stream.uniform(4000...9000),
      release: stream.uniform(0.1...0.3))
  }

  /// Gut strings: dull, plucked near the middle, left to ring.
  static func harp(using stream: inout RandomStream) -> PluckedPatch {
    PluckedPatch(
      damping: stream.uniform(0.35...0.5), ring: stream.uniform(1.5...4),
      pickPosition: stream.uniform(0.3...0.5), hardness: stream.uniform(1500...4000),
      release: stream.uniform(0.6...1.6))
  }
}
