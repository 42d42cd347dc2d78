import Synchronization
import Tensor

/// Features that are computed for each request.
///
/// A frame equals that of the whole file for any requested range, because the front end also gets
/// the samples around the range. The features of the last file are kept if it is no longer than ten
/// minutes. Of a longer file only the samples that the range depends on are decoded; resampling may
/// then differ from that of the whole file by 1e-6 of full scale.
public final class ComputedFeatures: FeatureSource {
  /// The kind and rate of the features.
  public let format: FeatureFormat
  private let manifest: Manifest
  private let frontEnd: any FrontEnd
  private let last = Mutex<Opened?>(nil)

  /// The length up to which the features of a file are kept, seconds.
  private static let longestKept = 600.0

  /// The file of the last request.
  private struct Opened: Sendable {
    var name: String
    var file: MeasuredFile
    /// All its features, if it is short enough.
    var features: Tensor?
  }

  /// Features of a collection.
  ///
  /// - Parameters:
  ///   - kind: The front end.
  ///   - manifest: The audio files.
  ///   - sampleRate: The sample rate to which files are resampled, Hz.
  ///   - frameRate: Frames per second; the default of `kind` if nil.
  /// - Throws: `FeatureError` if the rates do not fit.
  public init(
    _ kind: FeatureKind, of manifest: Manifest, sampleRate: Int, frameRate: Double? = nil
  ) throws(FeatureError) {
    self.manifest = manifest
    frontEnd = try kind.frontEnd(sampleRate: sampleRate, frameRate: frameRate)
    format = FeatureFormat(of: kind, by: frontEnd)
  }

  /// The number of frames of a file.
  ///
  /// - Throws: `AudioError` if the file cannot be used for training.
  public func frames(of name: String) throws -> Int { frames(of: try opened(name)) }

  /// A range of frames of a file, `[frames, width]`.
  ///
  /// - Traps when: `frames` is not within the file.
  /// - Throws: `AudioError` if the file cannot be used for training.
  public func features(of name: String, frames: Range<Int>) throws -> Tensor {
    let opened = try opened(name)
    let count = self.frames(of: opened)
    precondition(
      0 <= frames.lowerBound && frames.upperBound <= count,
      "ComputedFeatures: frames \(frames) of '\(name)', which has \(count)")
    return try opened.features?.sliced(axis: 0, frames)
      ?? frontEnd.features(of: opened.file, frames: frames)
  }

  private func frames(of opened: Opened) -> Int {
    opened.features?.shape[0]
      ?? frontEnd.frameCount(samples: opened.file.count(at: frontEnd.sampleRate))
  }

  private func opened(_ name: String) throws -> Opened {
    if let last = last.withLock({ $0 }), last.name.utf8.elementsEqual(name.utf8) {
      return last
    }
    let path = manifest.path(of: Manifest.Entry(path: name, samples: 0))
    var opened = Opened(name: name, file: try MeasuredFile(path))
    if opened.file.seconds <= Self.longestKept {
      opened.features = try frontEnd.features(ofFile: path).features
    }
    last.withLock { [opened] in $0 = opened }
    return opened
  }
}
