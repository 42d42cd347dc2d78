import Settings
import Tensor

/// A fixed function from samples to frames of features, as the input of a teacher or a probe.
///
/// One signal is computed on one thread, so that callers can process many files in parallel.
///
/// The rules for unusual input: Silence gives finite numbers. A signal that is too short for a
/// frame gives a tensor without frames, or one frame if frames are centred. A sample that is NaN or
/// infinite makes every frame that depends on it NaN, and no other frame (`ConstantQ`: every frame
/// of the block that is transformed as a whole).
public protocol FrontEnd: Sendable {
  /// The sample rate of the input, Hz.
  var sampleRate: Int { get }
  /// The number of features of one frame.
  var width: Int { get }
  /// Samples from one frame to the next.
  var hopLength: Int { get }
  /// The range of the signal on which a frame depends.
  var reach: FrameReach { get }
  /// The number of frames of a signal of `samples` samples.
  func frameCount(samples: Int) -> Int
  /// Writes the features of mono samples at `sampleRate`, `[frames, width]` in row-major order.
  func write(
    featuresOf samples: UnsafeBufferPointer<Float>, into features: UnsafeMutablePointer<Float>)
  /// The features of signals of equal length, `[B, samples] -> [B, frames, width]`, computed on all
  /// cores.
  func callAsFunction(_ waveforms: Tensor) -> Tensor
}

extension FrontEnd {
  /// Frames per second.
  public var frameRate: Double { Double(sampleRate) / Double(hopLength) }

  /// The features of mono samples at `sampleRate`, `[frames, width]`.
  public func callAsFunction(_ samples: [Float]) -> Tensor { self(samples[...]) }

  func callAsFunction(_ samples: ArraySlice<Float>) -> Tensor {
    Tensor(shape: [frameCount(samples: samples.count), width]) {
      (features: UnsafeMutableBufferPointer<Float>) in
      guard let features = features.baseAddress else { return }
      samples.withUnsafeBufferPointer { write(featuresOf: $0, into: features) }
    }
  }

  /// The features of signals of equal length, `[B, samples] -> [B, frames, width]`.
  ///
  /// - Traps when: the shape is not `[B, samples]`, or the waveforms are tracked, because these
  ///   features have no gradient.
  public func callAsFunction(_ waveforms: Tensor) -> Tensor {
    precondition(!waveforms.isTracked, "\(Self.self): these features have no gradient")
    return features(ofRows: waveforms)
  }

  func features(ofRows waveforms: Tensor) -> Tensor {
    precondition(
      waveforms.rank == 2,
      "\(Self.self): expected waveforms [B, samples], got shape \(waveforms.shape)")
    return waveforms.mappingRows(to: [frameCount(samples: waveforms.shape[1]), width]) {
      write(featuresOf: $0, into: $1.baseAddress!)
    }
  }
}

extension Configuration {
  /// - Traps when: a setting is invalid, with the setting and the reason.
  func checked(for frontEnd: String) -> Self {
    do { try validate() } catch { precondition(false, "\(frontEnd): \(error)") }
    return self
  }
}

extension Double {
  /// The nearest whole number if this misses it by no more than rounding does, else this.
  ///
  /// A hop of 960 samples at 16 kHz is a frame rate of 16.666…, which gives back 959.9999999999999.
  package var wholeIfNear: Double {
    let whole = rounded()
    return abs(self - whole) <= 1e-9 * whole ? whole : self
  }
}

/// The hop length, samples from one frame to the next.
///
/// - Parameters:
///   - frameRate: Frames per second. If nil: 75, or the nearest rate whose hop is a whole number of
///     samples.
///   - length: The hop length itself, instead of a frame rate.
/// - Traps when: the frame rate does not divide the sample rate, the hop is not positive, or both
///   are given.
func hop(_ frontEnd: String, sampleRate: Int, frameRate: Double?, length: Int?) -> Int {
  if let length {
    precondition(
      length >= 1 && frameRate == nil,
      "\(frontEnd): a hop of \(length) samples"
        + (frameRate.map { " and \($0) frames per second; give one of them" }
          ?? "; it must be positive"))
    return length
  }
  let hop = (Double(sampleRate) / (frameRate ?? 75)).wholeIfNear
  guard let frameRate else { return max(1, Int(hop.rounded())) }
  precondition(
    hop >= 1 && hop == hop.rounded(),
    "\(frontEnd): \(frameRate) frames per second do not give a whole number of samples at "
      + "\(sampleRate) Hz; give hopLength, or a frame rate that divides it")
  return Int(hop)
}
