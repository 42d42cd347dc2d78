import Foundation

/// One constant-Q kernel `w[n] exp(i ω (n - c)) / Σ w`, `w` a periodic Hann window of `length`
/// samples, known by its spectrum.
struct KernelShape {
  /// `l_k`, samples.
  let length: Int
  private let blockLength: Int
  private let omega: Double
  private let centre: Int  // c, samples

  init(_ config: ConstantQ.Config, bin: Int, sampleRate: Int, blockLength: Int) {
    let frequency = config.frequency(of: bin)
    length = Int((config.quality * Double(sampleRate) / frequency).rounded(.up))
    self.blockLength = blockLength
    omega = 2 * .pi * frequency / Double(sampleRate)
    centre = (length + 1) / 2
  }

  /// The spectral bins of the block within `lobes` half-lobes of the kernel's frequency, at most
  /// one whole spectrum.
  func bins(lobes: Int) -> Range<Int> {
    let centre = omega / (2 * .pi) * Double(blockLength)
    let half = min(
      Double(lobes) * Double(blockLength) / Double(length), Double(blockLength) / 2 - 1)
    return Int((centre - half).rounded(.up))..<Int((centre + half).rounded(.down)) + 1
  }

  /// Appends `√l conj(G[ν]) / N` for these bins.
  ///
  /// With `θ = ω - 2πν / N` the three terms of the Hann window sum to
  /// `G = exp(iθ ((l - 1)/2 - c)) sin(θl/2) [½ / sin(θ/2) - ¼ e^{-iπ/l} / sin(θ/2 + π/l)
  ///   - ¼ e^{iπ/l} / sin(θ/2 - π/l)] / Σ w`, and `Σ w = l / 2`.
  func append(_ bins: Range<Int>, real: inout [Float], imaginary: inout [Float]) {
    let l = Double(length)
    let scale = 2 / (l.squareRoot() * Double(blockLength))
    let (cosine, sine) = (cos(.pi / l), sin(.pi / l))
    for bin in bins {
      // The nudge keeps the removable poles of the formula away; G hardly moves over 1e-7 / l.
      let theta = omega - 2 * .pi * Double(bin) / Double(blockLength) + 1e-7 / l
      let below = 0.25 / sin(theta / 2 - .pi / l)
      let above = 0.25 / sin(theta / 2 + .pi / l)
      let envelope = scale * sin(theta * l / 2)
      let a = envelope * (0.5 / sin(theta / 2) - cosine * (above + below))
      let b = envelope * sine * (above - below)
      let phase = theta * ((l - 1) / 2 - Double(centre))
      // conj((a + ib) exp(i phase))
      real.append(Float(a * cos(phase) - b * sin(phase)))
      imaginary.append(Float(-(a * sin(phase) + b * cos(phase))))
    }
  }
}
