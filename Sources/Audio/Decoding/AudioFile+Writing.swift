import CSndFile
import Files
import Foundation
import Tensor

extension AudioFile {
  /// The encoding of samples, for formats that offer a choice.
  public enum Encoding: Sendable {
    /// 16-bit integers; samples beyond ±1 are clipped.
    case pcm16
    /// 32-bit floats, unchanged. For wav and aiff.
    case float32
  }

  /// Writes a file in the format that the name's extension gives: `.wav`, `.aiff`, `.flac`, or
  /// lossy `.ogg` (vorbis), `.opus`, `.mp3` at libsndfile's default qualities.
  ///
  /// - Parameters:
  ///   - samples: Interleaved if there is more than one channel; full scale is ±1.
  ///   - sampleRate: Hz.
  ///   - channels: The number of interleaved channels.
  ///   - encoding: The encoding of the samples.
  ///   - path: The new file.
  /// - Traps when: the number of samples is not a multiple of the channels, or `encoding` is floats
  ///   for flac.
  /// - Throws: `AudioError.unwritable` if the format does not support the rate or channels;
  ///   `FileError`.
  public static func write(
    _ samples: [Float], sampleRate: Int, channels: Int = 1, encoding: Encoding = .pcm16,
    to path: String
  ) throws {
    try write(sampleRate: sampleRate, channels: channels, encoding: encoding, to: path) { add in
      try add(samples)
    }
  }

  /// Writes a file piece by piece, so that it is never held as a whole; as above otherwise.
  ///
  /// - Parameters:
  ///   - sampleRate: Hz.
  ///   - channels: The number of interleaved channels.
  ///   - encoding: The encoding of the samples.
  ///   - path: The new file.
  ///   - body: Passes the pieces to `add`.
  /// - Throws: As above, and the errors of `body`; a former file is then unchanged.
  public static func write(
    sampleRate: Int, channels: Int = 1, encoding: Encoding = .pcm16, to path: String,
    _ body: (_ add: ([Float]) throws -> Void) throws -> Void
  ) throws {
    let format = try format(of: path, encoding)
    try AtomicFile.write(to: URL(fileURLWithPath: path), seeking: true) { file in
      let handle = try SoundHandle(
        writing: file.fileDescriptor, as: path, format: format, sampleRate: sampleRate,
        channels: channels)
      func check(_ wasDone: Bool) throws(FileError) {
        if !wasDone { throw .unwritable(path: path, code: handle.failure ?? EIO) }
      }
      try body { samples in
        precondition(
          samples.count % channels == 0,
          "AudioFile.write: \(samples.count) samples are not a multiple of \(channels) channels")
        try check(handle.write(samples))
      }
      try check(handle.close())
    }
  }

  private static func format(of path: String, _ encoding: Encoding) throws(AudioError) -> Int32 {
    switch path.split(separator: ".").last?.lowercased() {
    case "wav": return Int32(SF_FORMAT_WAV) | subtype(encoding)
    case "aiff": return Int32(SF_FORMAT_AIFF) | subtype(encoding)
    case "flac":
      precondition(encoding == .pcm16, "AudioFile.write: flac holds integers only: \(path)")
      return Int32(SF_FORMAT_FLAC | SF_FORMAT_PCM_16)
    case "ogg": return Int32(SF_FORMAT_OGG | SF_FORMAT_VORBIS)
    case "opus": return Int32(SF_FORMAT_OGG | SF_FORMAT_OPUS)
    case "mp3": return Int32(SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III)
    default:
      throw .unwritable(
        path: path, reason: "the name must end in .wav, .aiff, .flac, .ogg, .opus or .mp3")
    }
  }

  private static func subtype(_ encoding: Encoding) -> Int32 {
    switch encoding {
    case .pcm16: Int32(SF_FORMAT_PCM_16)
    case .float32: Int32(SF_FORMAT_FLOAT)
    }
  }
}
