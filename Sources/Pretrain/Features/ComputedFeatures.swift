import Audio
import Synchronization
import Tensor

/// Features that are computed when they are asked for.
///
/// A frame is that of the whole file, whatever stretch is asked for, because a front end sees beyond
/// the frame. So every call decodes the file, but for the one asked for last, which is kept.
public final class ComputedFeatures: FeatureSource {
  /// What the frames hold.
  public let format: FeatureFormat
  private let manifest: Manifest
  private let frontEnd: any FrontEnd
  private let last = Mutex<(name: String, features: Tensor)?>(nil)

  /// Features of a collection.
  ///
  /// - Parameters:
  ///   - kind: What is computed.
  ///   - manifest: Where the files are.
  ///   - sampleRate: Files are resampled to it, Hz.
  ///   - frameRate: Frames per second; the kind's own unless given.
  /// - Throws: `FeatureError` when the rates do not fit.
  public init(
    _ kind: FeatureKind, of manifest: Manifest, sampleRate: Int, frameRate: Double? = nil
  ) throws(FeatureError) {
    self.manifest = manifest
    frontEnd = try kind.frontEnd(sampleRate: sampleRate, frameRate: frameRate)
    format = FeatureFormat(of: kind, by: frontEnd)
  }

  /// The number of frames of a file.
  ///
  /// - Throws: `AudioError` when the file is not fit to learn from.
  public func frames(of name: String) throws -> Int { try whole(name).shape[0] }

  /// Some frames of a file's features, `[frames, width]`.
  ///
  /// Traps when `frames` reaches beyond the file.
  /// - Throws: `AudioError` when the file is not fit to learn from.
  public func features(of name: String, frames: Range<Int>) throws -> Tensor {
    let features = try whole(name)
    precondition(
      0 <= frames.lowerBound && frames.upperBound <= features.shape[0],
      "ComputedFeatures: frames \(frames) of '\(name)', which has \(features.shape[0])")
    return features.sliced(axis: 0, frames)
  }

  private func whole(_ name: String) throws(AudioError) -> Tensor {
    if let last = last.withLock({ $0 }), last.name == name { return last.features }
    let file = manifest.path(of: Manifest.Entry(path: name, samples: 0))
    let features = try frontEnd.features(ofFile: file).features
    last.withLock { $0 = (name, features) }
    return features
  }
}

extension FrontEnd {
  /// The features of a file, `[frames, width]`, and its samples at `sampleRate`.
  ///
  /// - Throws: `AudioError` when the file is broken, silent, or too short for one frame.
  public func features(
    ofFile path: String
  ) throws(AudioError) -> (features: Tensor, samples: Int) {
    let samples = try AudioFile.decode(path, sampleRate: sampleRate)
    guard samples.contains(where: { abs($0) >= AudioFile.silence }) else {
      throw .silent(path: path)
    }
    let features = self(samples)
    guard features.shape[0] > 0 else {
      let rate = Double(sampleRate)
      throw .tooShort(
        path: path, seconds: Double(samples.count) / rate, minimum: Double(hopLength) / rate)
    }
    return (features, samples.count)
  }
}
