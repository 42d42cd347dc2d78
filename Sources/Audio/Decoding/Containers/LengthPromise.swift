/// The number of frames that a file's headers give, and how reliable it is.
enum LengthPromise: Sendable, Equatable {
  /// Exactly this many frames were written; fewer mean that the end was cut off.
  case exact(Int)
  /// This many frames to within a second: mp3 taggers count differently.
  case near(Int)
  /// About this many frames.
  case estimate(Int)
  /// The end of the file is missing.
  case broken

  /// The number of frames; nil if unknown.
  var frames: Int? {
    switch self {
    case .exact(let frames), .near(let frames), .estimate(let frames): frames
    case .broken: nil
    }
  }

  /// Whether a file from which `count` frames were decoded is complete.
  func isKept(by count: Int, sampleRate: Int) -> Bool {
    switch self {
    case .exact(let frames): count >= frames
    case .near(let frames): count + sampleRate >= frames
    case .estimate: true
    case .broken: false
    }
  }
}
