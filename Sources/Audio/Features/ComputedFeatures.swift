import Synchronization
import Tensor

/// Features that are computed when they are asked for.
///
/// A frame is that of the whole file, whatever stretch is asked for: a front end is given what lies around
/// it, too. The features of the file asked for last are kept if it is no longer than ten minutes; of a
/// longer one only what decides the frames asked for is decoded, and resampling may differ from that of the
/// whole file by 1e-6 of full scale.
public final class ComputedFeatures: FeatureSource {
  /// What the frames hold.
  public let format: FeatureFormat
  private let manifest: Manifest
  private let frontEnd: any FrontEnd
  private let last = Mutex<Opened?>(nil)

  /// Seconds of a file up to which its features are kept.
  private static let longestKept = 600.0

  /// A file that was asked for.
  private struct Opened: Sendable {
    var name: String
    var file: MeasuredFile
    /// All its features, if it is short.
    var features: Tensor?
  }

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
  public func frames(of name: String) throws -> Int { frames(of: try opened(name)) }

  /// Some frames of a file's features, `[frames, width]`.
  ///
  /// Traps when `frames` reaches beyond the file.
  /// - Throws: `AudioError` when the file is not fit to learn from.
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
