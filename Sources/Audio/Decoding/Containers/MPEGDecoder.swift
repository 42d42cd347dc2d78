import CMPG123

/// Decodes mp3 with libmpg123.
///
/// libsndfile decodes mp3 with libmpg123 as well. But it relies on the length that the first frame
/// gives or suggests, and lets libmpg123 print warnings without the file's name.
final class MPEGDecoder: SoundDecoder {
  private let handle: OpaquePointer
  private let cursor: ByteCursor
  private(set) var sampleRate = 0
  private(set) var channels = 0
  private(set) var promise = LengthPromise.broken
  private(set) var complaint: String?
  /// Whether the next frame has another sample rate or number of channels than the frames before.
  private var hasNewFormat = false
  let isPredictive = true
  let isPaged = false

  /// Opens the file and counts its frames.
  /// - Throws: `AudioError.notAudio`.
  init(_ bytes: SoundBytes, of file: OpenFile) throws(AudioError) {
    var failure: Int32 = 0
    guard mpg123_init() == MPG123_OK.rawValue, let handle = mpg123_new(nil, &failure) else {
      throw .unreadable(path: file.path, reason: String(cString: mpg123_plain_strerror(failure)))
    }
    (self.handle, cursor) = (handle, ByteCursor(bytes, of: file))
    Self.configure(handle)
    guard open(), let counts = counts() else { throw .notAudio(path: file.path) }
    let tag = MPEGHeader.tag(of: bytes, of: file)
    promise = Self.promise(counts, sampleRate: sampleRate, bytes: bytes.count, tag: tag)
    guard tag != nil, counts.found != counts.told else { return }
    // The tag then describes another file, so the silence that it gives for both ends is not
    // removed.
    mpg123_param(handle, MPG123_REMOVE_FLAGS, Int(MPG123_GAPLESS.rawValue), 0)
    guard open(), let counts = self.counts() else { throw .notAudio(path: file.path) }
    if case .estimate = promise { promise = .estimate(counts.found) }
  }

  private func open() -> Bool {
    _ = cursor.seek(by: 0, from: 0)
    return mpg123_open_handle(handle, Unmanaged.passUnretained(cursor).toOpaque())
      == MPG123_OK.rawValue && takeFormat()
  }

  /// The number of frames according to the first frame's tag or bit rate, and the number counted.
  private func counts() -> (told: Int, found: Int)? {
    let told = Int(mpg123_length(handle))
    guard mpg123_scan(handle) == MPG123_OK.rawValue else { return nil }
    return (told, max(0, Int(mpg123_length(handle))))
  }

  deinit {
    mpg123_close(handle)
    mpg123_delete(handle)
  }

  private static func configure(_ handle: OpaquePointer) {
    let flags = MPG123_FORCE_FLOAT.rawValue | MPG123_GAPLESS.rawValue | MPG123_QUIET.rawValue
    mpg123_param(handle, MPG123_ADD_FLAGS, Int(flags), 0)
    mpg123_param(handle, MPG123_REMOVE_FLAGS, Int(MPG123_AUTO_RESAMPLE.rawValue), 0)
    // Skips any number of bytes between two frames.
    mpg123_param(handle, MPG123_RESYNC_LIMIT, -1, 0)
    mpg123_replace_reader_handle(
      handle, { ByteCursor.at($0).read(into: $1!, count: $2) },
      { off_t(ByteCursor.at($0).seek(by: Int($1), from: $2)) }, nil)
  }

  /// The promise of a tag. A file is cut off if its tag counts more frames than were found, unless
  /// all bytes that the tag counts are there.
  private static func promise(
    _ frames: (told: Int, found: Int), sampleRate: Int, bytes: Int, tag: MPEGHeader.Tag?
  ) -> LengthPromise {
    let isWhole = tag?.bytes.map { $0 > 0 && $0 <= bytes } ?? false
    guard tag?.countsFrames == true, !isWhole, frames.told > frames.found + sampleRate else {
      return .estimate(frames.found)
    }
    return .near(frames.told)
  }

  /// Reads the format of the next frame; false if there is none or it changes the rate.
  private func takeFormat() -> Bool {
    var (rate, channels, encoding) = (0, Int32(0), Int32(0))
    guard mpg123_getformat(handle, &rate, &channels, &encoding) == MPG123_OK.rawValue,
      rate > 0, channels > 0, encoding == MPG123_ENC_FLOAT_32.rawValue
    else { return false }
    if sampleRate > 0, rate != sampleRate {
      complaint = "its sample rate changes from \(sampleRate) to \(rate) Hz"
      return false
    }
    (sampleRate, self.channels) = (rate, Int(channels))
    return true
  }

  func seek(to frame: Int) -> Bool {
    Int(mpg123_seek(handle, off_t(frame), 0)) == frame
  }

  func read(_ frames: Int, into buffer: UnsafeMutableBufferPointer<Float>) -> Int {
    while complaint == nil {
      if hasNewFormat, !takeFormat() { return 0 }
      hasNewFormat = false
      let count = min(frames, buffer.count / channels)
      var done = 0
      let outcome = mpg123_read(handle, buffer.baseAddress, count * channels * 4, &done)
      hasNewFormat = outcome == MPG123_NEW_FORMAT.rawValue
      let isSound = outcome == MPG123_OK.rawValue || outcome == MPG123_DONE.rawValue
      if done > 0 || isSound { return done / (4 * channels) }
      if !hasNewFormat { complaint = String(cString: mpg123_strerror(handle)) }
    }
    return 0
  }
}
