import Tensor

/// Turns loud passages down: above a threshold the level rises by `1 / ratio` of what it did.
struct Compressor: Sendable {
  /// The samples between two values of the gain.
  private static let block = 32
  /// Relative to the loudest block, dB.
  private let threshold: Float
  private let ratio: Float
  /// The time for the level to fall by 60 dB after a loud passage, seconds.
  private let release: Float

  init(using stream: inout RandomStream) {
    threshold = stream.uniform(-24 ... -10)
    ratio = stream.logUniform(1.5...5)
    release = stream.logUniform(0.2...1.5)
  }

  func compress(_ samples: inout [Float]) {
    let levels = levels(of: samples)
    let limit = (levels.max() ?? 0) * amplitude(decibels: threshold)
    guard limit > 0 else { return }
    var gain: Float = 1
    for (i, level) in levels.enumerated() {
      let wanted = level > limit ? power(limit / level, 1 - 1 / ratio) : 1
      let first = i * Self.block
      let last = min(first + Self.block, samples.count)
      // From the last block's gain to this one's, without a step.
      for j in first..<last {
        samples[j] *= gain + (wanted - gain) * Float(j - first) / Float(Self.block)
      }
      gain = wanted
    }
  }

  /// The peak of each block, and after a louder one its decay.
  private func levels(of samples: [Float]) -> [Float] {
    let fall = power(decayFactor(seconds: release), Float(Self.block))
    var level: Float = 0
    return stride(from: 0, to: samples.count, by: Self.block).map { start in
      let peak = samples[start..<min(start + Self.block, samples.count)].lazy.map(abs).max() ?? 0
      level = max(peak, level * fall)
      return level
    }
  }
}
