import CSndFile

/// What a header says of the length of a file, in frames, and what that is worth.
enum LengthPromise: Sendable, Equatable {
  /// So many were written; fewer mean that the end was cut off.
  case exact(Int)
  /// So many to within a second: taggers of mp3 differ in what they count.
  case near(Int)
  /// About so many.
  case estimate(Int)
  /// The file's end is missing.
  case broken

  /// The promise of a file that libsndfile has opened. It shortens the count of a wav or aiff file that
  /// was cut off, so for these the header is read again.
  init(of info: SF_INFO, path: String) {
    let frames = Int(info.frames)
    switch info.container {
    case SF_FORMAT_OGG: self = info.frames == sf_count_t.max ? .broken : .estimate(frames)
    case SF_FORMAT_MPEG:
      self = MPEGHeader.tellsLength(path: path) ? .near(frames) : .estimate(frames)
    default: self = .exact(ChunkHeader.promisedFrames(path: path) ?? frames)
    }
  }

  /// Frames, if the header tells them.
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

extension SF_INFO {
  /// The type of the file.
  var container: Int { Int(format) & Int(SF_FORMAT_TYPEMASK) }

  /// Whether a frame cannot be decoded without those before it.
  var isPredictive: Bool {
    container == SF_FORMAT_MPEG || Int(format) & Int(SF_FORMAT_SUBMASK) == SF_FORMAT_OPUS
  }
}
