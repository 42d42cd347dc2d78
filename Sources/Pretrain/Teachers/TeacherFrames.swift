import Audio
import Tensor

/// Frames that can be clustered: the features of a front end, or a model's hidden states.
public protocol TeacherFrames: Sendable {
  /// Frames per second.
  var frameRate: Double { get }
  /// The frames of one file of a collection, `[frames, width]`, float32; none if it is too short.
  /// - Throws: `AudioError` if the file cannot be decoded any more.
  func frames(of file: Int, in audio: any AudioSource) throws -> Tensor
}

/// The features of a front end.
public struct FrontEndFrames: TeacherFrames {
  private let frontEnd: any FrontEnd

  /// - Parameters:
  ///   - kind: Which features.
  ///   - sampleRate: Of the collections, Hz.
  ///   - frameRate: Frames per second.
  /// - Throws: `FeatureError` if the rates do not fit.
  public init(_ kind: FeatureKind, sampleRate: Int, frameRate: Double) throws(FeatureError) {
    frontEnd = try kind.frontEnd(sampleRate: sampleRate, frameRate: frameRate)
  }

  /// Frames per second.
  public var frameRate: Double { frontEnd.frameRate }
  /// Samples from one frame to the next.
  public var hopLength: Int { frontEnd.hopLength }

  /// The features of the whole file, `[frames, width]`, read block by block if it is long.
  public func frames(of file: Int, in audio: any AudioSource) throws -> Tensor {
    try frontEnd.features(of: audio, file: file)
  }
}
