import Foundation
import Kernels
import Settings
import Tensor

/// The constant-Q transform: magnitudes on a logarithmic frequency axis, where the window of each
/// bin has the same number of periods.
///
/// Bin `k` lies at `f_k = f_0 2^(k / B)`; with `Q = 1 / (2^(1/B) - 1)` and `l_k = ⌈Q r / f_k⌉`
/// samples under a periodic Hann window `w`,
/// `C[m, k] = √l_k |Σ_n w[n] x[m hop + n - ⌈l_k / 2⌉] exp(-2πi f_k (n - ⌈l_k / 2⌉) / r)| / Σ w`.
/// Samples outside the signal are zeros; `1 + count / hop` frames.
///
/// Source: nnAudio `CQT1992v2` with `pad_mode="constant"`, MERT's teacher; the result differs from
/// it by about 3e-5 of the RMS (`ConstantQKernels`).
public struct ConstantQ: FrontEnd {
  /// The function applied to a magnitude `a`.
  public enum Compression: String, Codable, Sendable, CaseIterable {
    /// `a`, as in MERT.
    case none
    /// `log(1 + c a)` with the `compressionFactor` `c`. Our own, not MERT's: it keeps loud low notes from
    /// dominating a squared error.
    case logarithmic
  }

  /// The parameters.
  public struct Config: Configuration {
    /// The number of bins; features are `[frames, bins]`.
    public var bins = 336
    /// Bins per octave, `B`.
    public var binsPerOctave = 48
    /// Frequency of bin 0, Hz.
    public var lowestFrequency = 32.7
    /// Frames per second, which must divide the sample rate. If nil: 75, or the nearest rate whose
    /// hop is a whole number of samples, 75.12 at 16 kHz.
    public var frameRate: Double?
    /// Samples from one frame to the next, instead of a frame rate.
    public var hopLength: Int?
    /// The function applied to the magnitudes.
    public var compression = Compression.none
    /// Factor of the magnitudes before their logarithm is taken.
    public var compressionFactor: Float = 10

    /// MERT's: seven octaves from C1 in eighths of a tone, 75 frames per second.
    public init() {}

    /// Checks the ranges of the frequency axis.
    public func validate() throws(InvalidSetting) {
      try require("bins", bins, in: 1...100_000)
      try require("binsPerOctave", binsPerOctave, in: 1...1_200)
      try require("lowestFrequency", lowestFrequency, in: 0.01...1_000_000)
      if let frameRate { try require(positive: "frameRate", frameRate) }
      if let hopLength { try require("hopLength", hopLength, in: 1...1 << 24) }
      try require(positive: "compressionFactor", compressionFactor)
    }

    /// `Q`, the number of periods in a window.
    public var quality: Double { 1 / (pow(2, 1 / Double(binsPerOctave)) - 1) }

    /// `f_k`, the frequency of a bin, Hz.
    public func frequency(of bin: Int) -> Double {
      lowestFrequency * pow(2, Double(bin) / Double(binsPerOctave))
    }

    /// `l_k`, the length of a bin's window, samples.
    public func kernelLength(of bin: Int, sampleRate: Int) -> Int {
      Int((quality * Double(sampleRate) / frequency(of: bin)).rounded(.up))
    }
  }

  /// The parameters.
  public let config: Config
  /// The sample rate of the input, Hz.
  public let sampleRate: Int
  /// Samples from one frame to the next.
  public let hopLength: Int
  private let kernels: ConstantQKernels.Cache

  /// - Traps when: a setting is invalid, the highest bin lies above half the sample rate, or the
  ///   frame rate or the hop does not fit.
  public init(_ config: Config = Config(), sampleRate: Int) {
    let highest = config.checked(for: "ConstantQ").frequency(of: config.bins - 1)
    precondition(
      highest <= Double(sampleRate) / 2,
      "ConstantQ: the highest bin, \(highest) Hz, needs more than \(sampleRate) Hz")
    (self.config, self.sampleRate) = (config, sampleRate)
    hopLength = hop(
      "ConstantQ", sampleRate: sampleRate, frameRate: config.frameRate, length: config.hopLength)
    kernels = ConstantQKernels.Cache(config, sampleRate: sampleRate, hopLength: hopLength)
  }

  /// The number of features of one frame.
  public var width: Int { config.bins }

  /// The block in which a frame is transformed, and the longest kernel after it. `before` is two
  /// block steps, so that a range of a long signal is also longer than one block and has the same
  /// block boundaries.
  public var reach: FrameReach {
    let (kernel, block) = (kernels.reachFrames, kernels.longestBlock)
    let step = block - 2 * kernel
    return FrameReach(before: 2 * step, after: kernel, grid: step)
  }

  /// The number of frames of a signal, `1 + samples / hop`.
  public func frameCount(samples: Int) -> Int { 1 + samples / hopLength }

  /// Writes `[frames, bins]`.
  ///
  /// A long signal is cut into blocks that overlap by the longest kernel.
  /// - Complexity: Under 1 ms per 5 s clip once the kernels for this length are cached; the cache
  ///   holds the last few lengths.
  public func write(
    featuresOf samples: UnsafeBufferPointer<Float>, into features: UnsafeMutablePointer<Float>
  ) {
    let frames = frameCount(samples: samples.count)
    let kernels = kernels.fitting(frames: frames)
    let margin = kernels.reachFrames
    let step = kernels.frames >= frames + margin ? frames : kernels.frames - 2 * margin
    for first in stride(from: 0, to: frames, by: step) {
      let count = min(step, frames - first)
      let block = features + first * width
      kernels.transform(samples, firstFrame: first, count: count, into: block)
      if config.compression == .logarithmic {
        etude_log_floored(block, block, config.compressionFactor, 1, 0, count * width)
      }
    }
  }
}
