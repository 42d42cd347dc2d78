import Foundation

/// The spectrum of one constant-Q kernel `w[n] exp(iω (n - c)) / Σ w`, where `w` is a periodic Hann
/// window of `l` samples.
///
/// With the middle of the window, `l / 2`, as the origin, the spectrum is real. The kernel's centre
/// `c = ⌈l / 2⌉` is the middle if `l` is even, and half a sample later if `l` is odd.
struct KernelShape {
  /// `l`, samples.
  let length: Int
  private let blockLength: Int
  private let omega: Double

  init(_ config: ConstantQ.Config, bin: Int, sampleRate: Int, blockLength: Int) {
    let frequency = config.frequency(of: bin)
    length = config.kernelLength(of: bin, sampleRate: sampleRate)
    self.blockLength = blockLength
    omega = 2 * .pi * frequency / Double(sampleRate)
  }

  /// The spectral bins of the block within `lobes` half-lobes of the kernel's frequency, at most
  /// one whole spectrum.
  func bins(lobes: Int) -> Range<Int> {
    let centre = omega / (2 * .pi) * Double(blockLength)
    let half = min(
      Double(lobes) * Double(blockLength) / Double(length), Double(blockLength) / 2 - 1)
    return Int((centre - half).rounded(.up))..<Int((centre + half).rounded(.down)) + 1
  }

  /// `√l / N` times the spectrum about the middle of the window, at bin `ν` of a block of `N`.
  ///
  /// With `θ = ω - 2πν / N`, `Σ w[n] exp(iθ (n - l/2)) / Σ w`
  /// `= sin(θl/2) [½ cot(θ/2) - ¼ cot(θ/2 + π/l) - ¼ cot(θ/2 - π/l)] / (l / 2)`.
  func value(at bin: Int) -> Float {
    let l = Double(length)
    // The small offset avoids the removable poles of the formula; an offset of 1e-7 / l hardly
    // changes the value.
    let half = 0.5 * (omega - 2 * .pi * Double(bin) / Double(blockLength) + 1e-7 / l)
    let cotangents = 0.5 / tan(half) - 0.25 / tan(half + .pi / l) - 0.25 / tan(half - .pi / l)
    return Float(2 / (l.squareRoot() * Double(blockLength)) * sin(half * l) * cotangents)
  }
}
