import Foundation
import Tensor

/// Mel-frequency cepstral coefficients by Kaldi's definition, the first teacher of HuBERT.
///
/// Per frame: subtract the mean, `y[n] = x[n] - 0.97 x[n - 1]`, a (symmetric Hann)^0.85 window,
/// `|FFT|²`, mel triangles, logarithm, orthonormal DCT-II, lifter `1 + 11 sin(πj / 22)`; then
/// slopes and their slopes. Frames start at `t · hop` and end inside the signal.
///
/// Source: Kaldi `feat/feature-mfcc.cc`; fairseq `simple_kmeans/dump_mfcc_feature.py`, which
/// leaves samples within ±1, adds no dither and keeps coefficient 0.
public struct MFCC: FrontEnd {
  /// The parameters.
  public struct Config: Configuration {
    /// Coefficients before the slopes, with the 0th.
    public var coefficients = 13
    /// Mel bands, at least as many.
    public var melBands = 23
    /// Whether slopes and their slopes follow: three times the width.
    public var deltas = true
    /// Frames per second; the hop is rounded down to samples.
    public var frameRate = 100.0
    /// Length of a frame, seconds.
    public var windowSeconds = 0.025
    /// Lower edge of the first band, Hz.
    public var lowestFrequency = 20.0

    /// HuBERT's: 13 coefficients with slopes, 39 numbers per frame at 100 Hz.
    public init() {}
  }

  /// The parameters.
  public let config: Config
  /// The rate it expects, Hz.
  public let sampleRate: Int
  /// Samples from one frame to the next.
  public let hopLength: Int
  private let window: [Float]
  private let bank: MelBank
  private let cosines: [Float]  // [coefficients, melBands], lifter included
  private let transform: RealTransform

  /// - Traps when: there are more coefficients than bands, or the hop is under one sample.
  public init(_ config: Config = Config(), sampleRate: Int) {
    precondition(
      config.coefficients <= config.melBands,
      "MFCC: \(config.coefficients) coefficients need as many bands, got \(config.melBands)")
    let windowLength = Int(Double(sampleRate) * config.windowSeconds)
    let fftLength = powerOfTwo(atLeast: windowLength)
    hopLength = Int(Double(sampleRate) / config.frameRate)
    precondition(hopLength > 0, "MFCC: \(config.frameRate) frames per second at \(sampleRate) Hz")
    (self.config, self.sampleRate) = (config, sampleRate)
    window = MFCC.window(windowLength)
    bank = MelBank(
      kaldi: config.melBands, fftLength: fftLength, sampleRate: sampleRate,
      range: config.lowestFrequency...Double(sampleRate) / 2)
    cosines = MFCC.cosines(config)
    transform = RealTransform(length: fftLength)
  }

  /// Features of one frame.
  public var width: Int { config.coefficients * (config.deltas ? 3 : 1) }

  /// - Returns: `[frames, width]`, without frames if the signal is shorter than one window.
  public func callAsFunction(_ samples: [Float]) -> Tensor {
    let cepstra = cepstra(samples)
    guard !config.deltas else { return Deltas.appended(to: cepstra, width: config.coefficients) }
    return Tensor(cepstra, shape: [cepstra.count / width, width])
  }
}

extension MFCC {
  private func cepstra(_ samples: [Float]) -> [Float] {
    let frames = samples.count < window.count ? 0 : 1 + (samples.count - window.count) / hopLength
    let input = AlignedFloats(transform.length)
    let spectrum = AlignedFloats(2 * transform.separation)
    let energies = AlignedFloats(config.melBands)
    var cepstra = [Float](repeating: 0, count: frames * config.coefficients)
    for frame in 0..<frames {
      emphasize(samples[frame * hopLength..<frame * hopLength + window.count], into: input.base)
      transform(input.base, into: spectrum.base)
      takeLogEnergies(of: spectrum.base, into: energies.base)
      for j in 0..<config.coefficients {
        var sum: Float = 0
        for m in 0..<config.melBands { sum += cosines[j * config.melBands + m] * energies.base[m] }
        cepstra[frame * config.coefficients + j] = sum
      }
    }
    return cepstra
  }

  /// Removes the mean, emphasises treble within the frame and applies the window. The rest of
  /// `input` stays zero.
  private func emphasize(_ frame: ArraySlice<Float>, into input: UnsafeMutablePointer<Float>) {
    frame.withUnsafeBufferPointer { x in
      var sum = 0.0
      for value in x { sum += Double(value) }
      let mean = Float(sum / Double(x.count))
      for n in 0..<x.count {
        input[n] = window[n] * (x[n] - mean - 0.97 * (x[max(n - 1, 0)] - mean))
      }
    }
  }

  private func takeLogEnergies(
    of real: UnsafeMutablePointer<Float>, into energies: UnsafeMutablePointer<Float>
  ) {
    let imaginary = real + transform.separation
    for bin in 0..<transform.bins {
      real[bin] = real[bin] * real[bin] + imaginary[bin] * imaginary[bin]
    }
    bank(real, into: energies)
    for m in 0..<bank.count { energies[m] = log(max(energies[m], Float.ulpOfOne)) }
  }

  private static func window(_ length: Int) -> [Float] {
    (0..<length).map { n in
      Float(pow(0.5 - 0.5 * cos(2 * .pi * Double(n) / Double(length - 1)), 0.85))
    }
  }

  private static func cosines(_ config: Config) -> [Float] {
    let bands = Double(config.melBands)
    return (0..<config.coefficients).flatMap { j -> [Float] in
      let scale = (j == 0 ? 1 / bands : 2 / bands).squareRoot()
      let lifter = 1 + 11 * sin(.pi * Double(j) / 22)
      return (0..<config.melBands).map { m in
        Float(lifter * scale * cos(.pi * Double(j) * (Double(m) + 0.5) / bands))
      }
    }
  }
}
