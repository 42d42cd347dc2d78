import Foundation
import Settings
import Tensor

/// A fixed map from samples to frames of features: what a teacher or a probe sees.
///
/// One signal is computed on one thread, so that a caller may run many files at once.
///
/// What every front end does with odd input: silence gives finite numbers; a signal too short for a
/// frame gives a tensor without frames, or one frame where frames are centred; a sample that is NaN or
/// infinite makes the features NaN in every frame that sees it, and in no other
/// (`ConstantQ`: in every frame of the block that is transformed as a whole).
public protocol FrontEnd: Sendable {
  /// The rate it expects, Hz.
  var sampleRate: Int { get }
  /// Features of one frame.
  var width: Int { get }
  /// Samples from one frame to the next.
  var hopLength: Int { get }
  /// What decides a frame.
  var reach: FrameReach { get }
  /// Frames of a signal of `samples` samples.
  func frameCount(samples: Int) -> Int
  /// Writes the features of mono samples at `sampleRate`, `[frames, width]` in row-major order.
  func write(
    featuresOf samples: UnsafeBufferPointer<Float>, into features: UnsafeMutablePointer<Float>)
  /// The features of equally long signals, `[B, samples] -> [B, frames, width]`, side by side on all
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

  /// The features of equally long signals, `[B, samples] -> [B, frames, width]`.
  ///
  /// - Traps when: there is no axis of waveforms, or they are tracked: these features have no gradient.
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
  /// - Traps when: a setting cannot be, with the setting and the reason.
  func checked(for frontEnd: String) -> Self {
    do { try validate() } catch { precondition(false, "\(frontEnd): \(error)") }
    return self
  }
}

/// Samples from one frame to the next.
///
/// - Parameters:
///   - frameRate: Frames per second; 75 unless given, or as near to it as whole samples come.
///   - length: The hop itself, in place of a frame rate.
/// - Traps when: the frame rate gives no whole number of samples, the hop is not positive, or both are given.
func hop(_ frontEnd: String, sampleRate: Int, frameRate: Double?, length: Int?) -> Int {
  if let length {
    precondition(
      length >= 1 && frameRate == nil,
      "\(frontEnd): a hop of \(length) samples"
        + (frameRate.map { " and \($0) frames per second; give one of them" }
          ?? "; it must be positive"))
    return length
  }
  let hop = Double(sampleRate) / (frameRate ?? 75)
  guard let frameRate else { return max(1, Int(hop.rounded())) }
  precondition(
    hop >= 1 && hop == hop.rounded(),
    "\(frontEnd): \(frameRate) frames per second is no whole number of samples at \(sampleRate) Hz; "
      + "give hopLength, or a frame rate that divides it")
  return Int(hop)
}
