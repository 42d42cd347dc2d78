import Foundation
import Tensor

/// The short-time Fourier transform with a periodic Hann window, frame `t` centred at `t · hop`.
///
/// `S[t, ν] = Σ_n w[n] x[t · hop + n - fftLength / 2] exp(-2πi ν n / fftLength)`; samples outside
/// the signal are zeros, as in librosa since 0.9. `1 + count / hop` frames.
public struct STFT: Sendable {
  /// Samples of one transform.
  public let fftLength: Int
  /// Samples from one frame to the next.
  public let hopLength: Int
  private let window: [Float]
  private let transform: RealTransform

  /// - Parameter windowLength: Samples under the window, centred in the transform.
  /// - Traps when: the window is longer than the transform, or a length is not positive.
  public init(fftLength: Int, windowLength: Int, hopLength: Int) {
    precondition(
      windowLength > 0 && windowLength <= fftLength && hopLength > 0,
      "STFT: window \(windowLength) must fit the transform \(fftLength), hop \(hopLength) > 0")
    (self.fftLength, self.hopLength) = (fftLength, hopLength)
    window = STFT.window(windowLength, in: fftLength)
    transform = RealTransform(length: fftLength)
  }

  /// Bins of a spectrum, `fftLength / 2 + 1`.
  public var bins: Int { fftLength / 2 + 1 }

  /// Frames of a signal of `count` samples.
  public func frames(_ count: Int) -> Int { 1 + count / hopLength }

  /// `|S|²`, `[frames, bins]`.
  public func power(_ samples: [Float]) -> Tensor {
    Tensor(shape: [frames(samples.count), bins]) { (output: UnsafeMutableBufferPointer<Float>) in
      forEachFrame(of: samples) { frame, power in
        for bin in 0..<bins { output[frame * bins + bin] = power[bin] }
      }
    }
  }

  /// Calls `body` with each frame's number and its `|S|²`, which holds only during the call.
  func forEachFrame(of samples: [Float], _ body: (Int, UnsafePointer<Float>) -> Void) {
    let input = AlignedFloats(fftLength)
    let spectrum = AlignedFloats(2 * transform.separation)
    for frame in 0..<frames(samples.count) {
      load(samples, from: frame * hopLength - fftLength / 2, into: input.base)
      transform(input.base, into: spectrum.base)
      square(spectrum.base)
      body(frame, spectrum.base)
    }
  }

  private func load(_ samples: [Float], from start: Int, into input: UnsafeMutablePointer<Float>) {
    let inside = max(0, -start)..<max(max(0, -start), min(fftLength, samples.count - start))
    for n in 0..<inside.lowerBound { input[n] = 0 }
    for n in inside { input[n] = samples[start + n] * window[n] }
    for n in inside.upperBound..<fftLength { input[n] = 0 }
  }

  private func square(_ real: UnsafeMutablePointer<Float>) {
    let imaginary = real + transform.separation
    for bin in 0..<bins {
      real[bin] = real[bin] * real[bin] + imaginary[bin] * imaginary[bin]
    }
  }

  private static func window(_ length: Int, in fftLength: Int) -> [Float] {
    var window = [Float](repeating: 0, count: fftLength)
    let start = (fftLength - length) / 2
    for n in 0..<length {
      window[start + n] = Float(0.5 - 0.5 * cos(2 * .pi * Double(n) / Double(length)))
    }
    return window
  }
}
