import Settings
import Tensor

/// The errors of audio files. Each description is one line with the file and a remedy.
public enum AudioError: Error, Equatable, Sendable {
  /// There is no file at the path.
  case missing(path: String)
  /// The path cannot be opened for reading, because it is a folder or for lack of permission.
  case unreadable(path: String, reason: String)
  /// No decoder recognises the content.
  case notAudio(path: String)
  /// The file has no bytes or no samples.
  case empty(path: String)
  /// Fewer frames could be decoded than the header promises. `promised` is nil if the number is
  /// unknown but the end is missing.
  case truncated(path: String, decoded: Int, promised: Int?)
  /// The decoder failed.
  case corrupt(path: String, reason: String)
  /// A sample is NaN or infinite.
  case notFinite(path: String, seconds: Double)
  /// A number of the features computed from it is NaN or infinite.
  case featuresNotFinite(path: String, seconds: Double, channel: Int)
  /// A sample is louder than `AudioFile.loudest`.
  case tooLoud(path: String, seconds: Double, level: Float)
  /// The audio is silent.
  case silent(path: String, Silence)
  /// Two parts of the file contradict each other.
  case inconsistent(path: String, reason: String)
  /// The file is shorter than the required minimum.
  case tooShort(path: String, seconds: Double, minimum: Double)
  /// The file cannot be written.
  case unwritable(path: String, reason: String)
  /// A line of a manifest is invalid.
  case manifest(path: String, line: Int, reason: String)
  /// A folder or manifest without any usable audio file, with the files that were left out.
  case nothingUsable(path: String, skipped: [Manifest.Skipped])
  /// The scratch file for decoded audio cannot be created or written.
  case scratch(folder: String, reason: String)
}

extension AudioError: CustomStringConvertible {
  /// The path, a colon and the reason.
  public var description: String { "\(path): \(reason)".asOneLine }

  /// The file or folder.
  public var path: String {
    switch self {
    case .missing(let path), .unreadable(let path, _), .notAudio(let path), .empty(let path),
      .truncated(let path, _, _), .corrupt(let path, _), .notFinite(let path, _),
      .featuresNotFinite(let path, _, _), .tooLoud(let path, _, _), .silent(let path, _),
      .inconsistent(let path, _), .tooShort(let path, _, _), .unwritable(let path, _),
      .nothingUsable(let path, _), .scratch(let path, _):
      path
    case .manifest(let path, let line, _): "\(path):\(line)"
    }
  }

  /// The reason and the remedy, without the path.
  public var reason: String {
    switch self {
    case .missing: "no such file; check the path"
    case .unreadable(_, let reason): "cannot be read (\(reason)); check the path and permissions"
    case .notAudio:
      "not audio that libsndfile or libmpg123 can read; convert it to wav or flac, or remove it"
    case .empty: "empty, there is no audio in it; remove it or fetch it again"
    case .truncated(_, let decoded, let promised?):
      "truncated, \(decoded) of the \(promised) frames in its header can be decoded; "
        + "fetch it again"
    case .truncated(_, let decoded, nil):
      "truncated, its end is missing after \(decoded) frames; fetch it again"
    case .corrupt(_, let reason): "damaged (\(reason)); fetch it again"
    case .notFinite(_, let seconds):
      "a sample at \(seconds.rounded(toPlaces: 3)) s is NaN or infinite; repair or remove it"
    case .featuresNotFinite(_, let seconds, let channel):
      "its features are not finite at \(seconds.rounded(toPlaces: 3)) s (channel \(channel)), so its "
        + "samples there are far beyond full scale; repair or remove it"
    case .tooLoud(_, let seconds, let level):
      "a sample at \(seconds.rounded(toPlaces: 3)) s is \(level), where full scale is 1; repair or remove it"
    case .silent(_, .throughout): "silent, every sample is below \(AudioFile.silence); remove it"
    case .silent(_, .channelsCancelOut):
      "silent, its channels cancel each other out when they are averaged; invert one of them or remove it"
    case .inconsistent(_, let reason): reason
    case .tooShort(_, let seconds, let minimum):
      "too short, \(seconds.rounded(toPlaces: 4)) s where at least \(minimum) s are needed; "
        + "remove it or ask for less"
    case .unwritable(_, let reason): "cannot be written (\(reason)); check the folder and the disk"
    case .manifest(_, _, let reason): reason
    case .nothingUsable(_, let skipped) where skipped.isEmpty:
      "no audio in it; name a folder or manifest of wav, flac, ogg, opus, mp3 or aiff files"
    case .nothingUsable(_, let skipped):
      "none of its \(skipped.count) audio files can be used: " + Self.list(skipped)
    case .scratch(_, let reason):
      "cannot hold the decoded audio (\(reason)); name a writable folder on a disk with room"
    }
  }
}

extension AudioError {
  /// The first files with their reasons, and the number of the others.
  private static func list(_ skipped: [Manifest.Skipped]) -> String {
    let shown = skipped.prefix(3).map { "\($0.path) (\($0.reason))" }
    let more = skipped.count - shown.count
    return (shown + (more > 0 ? ["\(more) more"] : [])).joined(separator: "; ")
  }
}

extension Double {
  func rounded(toPlaces places: Int) -> Double {
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    return (self * scale).rounded() / scale
  }
}
