/// The power spectrogram `|S|²` of an STFT as a front end.
public struct Spectrogram: FrontEnd {
  /// The transform.
  public let stft: STFT
  /// The sample rate of the input, Hz.
  public let sampleRate: Int

  /// - Parameters:
  ///   - stft: The transform.
  ///   - sampleRate: The sample rate of the input, Hz.
  public init(_ stft: STFT, sampleRate: Int) { (self.stft, self.sampleRate) = (stft, sampleRate) }

  /// The number of bins of a spectrum.
  public var width: Int { stft.bins }
  /// Samples from one frame to the next.
  public var hopLength: Int { stft.hopLength }
  /// The reach of the transform.
  public var reach: FrameReach { stft.reach }
  /// The number of frames of a signal.
  public func frameCount(samples: Int) -> Int { stft.frames(samples) }

  /// Writes `[frames, bins]`.
  public func write(
    featuresOf samples: UnsafeBufferPointer<Float>, into features: UnsafeMutablePointer<Float>
  ) {
    stft.write(.power, of: samples, into: features)
  }
}
