import Audio
import Tensor

/// The frames of several models or front ends side by side, as many as the one that has the fewest.
///
/// Source: MERT-v2, whose targets are quantised features of two models.
public struct JoinedFrames: TeacherFrames {
  private let parts: [any TeacherFrames]

  /// - Traps when: there is none, or their frame rates differ.
  public init(_ parts: [any TeacherFrames]) {
    precondition(
      Set(parts.map(\.frameRate)).count == 1,
      "JoinedFrames: needs one frame rate, got \(parts.map(\.frameRate))")
    self.parts = parts
  }

  /// Frames per second.
  public var frameRate: Double { parts[0].frameRate }

  /// The frames of the whole file, `[frames, width]`.
  public func frames(of file: Int, in audio: any AudioSource) throws -> Tensor {
    let all = try parts.map { try $0.frames(of: file, in: audio) }
    let count = all.map { $0.shape[0] }.min()!
    return .concatenated(all.map { $0.sliced(axis: 0, 0..<count) }, axis: 1)
  }
}
