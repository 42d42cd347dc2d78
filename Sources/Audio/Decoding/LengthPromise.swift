/// What is known of the length of a file before it is decoded, in frames, and what that is worth.
enum LengthPromise: Sendable, Equatable {
  /// So many were written; fewer mean that the end was cut off.
  case exact(Int)
  /// So many to within a second: taggers of mp3 differ in what they count.
  case near(Int)
  /// About so many.
  case estimate(Int)
  /// The file's end is missing.
  case broken

  /// Frames, if they are known.
  var frames: Int? {
    switch self {
    case .exact(let frames), .near(let frames), .estimate(let frames): frames
    case .broken: nil
    }
  }

  /// Whether a file of `count` frames is whole by this promise.
  func isKept(by count: Int, sampleRate: Int) -> Bool {
    switch self {
    case .exact(let frames): count >= frames
    case .near(let frames): count + sampleRate >= frames
    case .estimate: true
    case .broken: false
    }
  }
}
