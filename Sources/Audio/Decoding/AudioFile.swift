import CSndFile

/// One audio file that libsndfile can read: wav, aiff, flac, ogg, opus, mp3 and others.
///
/// Holds what the header says; every decode opens the file afresh, so one value may be used from
/// many threads. All decoding is to mono, the mean of the channels, with full scale at ±1 (lossy
/// formats may exceed it), in blocks, so that a file's length costs no memory.
///
/// A header may lie: that of an ogg file tells the position at which its maker meant the last packet
/// to end, that of an mp3 may be a guess. What can be decoded is the truth; `count()` finds it.
public struct AudioFile: Sendable {
  /// Peak below which a whole file counts as silent: −100 dBFS, under one step of 16-bit audio.
  public static let silence: Float = 1e-5

  /// Where the file lies.
  public let path: String
  /// Frames per second, Hz.
  public let sampleRate: Int
  /// Channels in the file; decoding averages them.
  public let channels: Int
  /// Frames by the header; nil for an ogg file without its last page.
  public let frames: Int?

  /// What the header's length is worth.
  let promise: LengthPromise
  /// Frames to decode before those that are wanted after a seek. A frame of mp3 or opus is told by
  /// what was decoded before it: by up to nine frames in mp3, by less and less in opus.
  private let leadIn: Int
  /// The last frame to which a seek may go. libsndfile counts positions within a page of ogg back from its
  /// end, which in the last page lies wherever the encoder wanted the file to end.
  private let lastTarget: Int

  /// Reads the header.
  /// - Throws: `AudioError` if the file is missing, unreadable, empty or not audio.
  public init(_ path: String) throws(AudioError) {
    let handle = try SoundHandle(reading: path)
    promise = LengthPromise(of: handle.info, path: path)
    guard promise.frames != 0, handle.info.channels > 0, handle.info.samplerate > 0 else {
      throw .empty(path: path)
    }
    self.path = path
    sampleRate = Int(handle.info.samplerate)
    channels = Int(handle.info.channels)
    frames = promise.frames
    leadIn = handle.info.isPredictive ? Int(handle.info.samplerate) / 2 : 0
    let isPaged = handle.info.container == SF_FORMAT_OGG
    lastTarget = isPaged ? max(0, (promise.frames ?? 0) - Self.longestPage) : .max
  }

  /// Frames: 255 packets of 1024.
  private static let longestPage = 261_120

  /// Where to begin to decode for the sake of `frame`.
  func seekTarget(for frame: Int) -> Int { min(max(0, frame - leadIn), lastTarget) }
}

extension AudioFile {
  /// The whole file, mono, at its own rate.
  /// - Throws: `AudioError` if it is empty, truncated, damaged or holds a NaN or an infinity.
  public func samples() throws(AudioError) -> [Float] {
    var samples: [Float] = []
    try decode { (block) throws(AudioError) in samples += block }
    return samples
  }

  /// How many frames can be decoded.
  /// - Throws: what `samples()` does.
  public func count() throws(AudioError) -> Int { try decode { _ in } }

  /// Decodes the whole file to know that it is sound, and keeps nothing.
  ///
  /// - Parameter minimumSeconds: The least length that is of use.
  /// - Returns: How many frames it has.
  /// - Throws: what `samples()` does; `.silent` or `.tooShort`.
  public func check(minimumSeconds: Double) throws(AudioError) -> Int {
    try decodeUsable(minimumSeconds: minimumSeconds) { _ in }
  }

  /// The whole of a file, mono, resampled to `sampleRate` Hz.
  /// - Throws: what `samples()` does.
  public static func decode(
    _ path: String, sampleRate: Int, by resampler: Resampler = .soxr
  ) throws(AudioError) -> [Float] {
    let file = try AudioFile(path)
    return resampler.resample(try file.samples(), from: file.sampleRate, to: sampleRate)
  }
}

extension AudioFile {
  /// Takes a block of mono samples.
  typealias Taking = (_ block: [Float]) throws(AudioError) -> Void

  /// Hands over the whole file block by block.
  /// - Returns: How many frames it has.
  /// - Throws: `AudioError` if it is empty, truncated, damaged or holds a NaN or an infinity, after the
  ///   blocks before that.
  @discardableResult
  func decode(_ take: Taking) throws(AudioError) -> Int {
    let count = try decode(from: 0, count: .max, take)
    try checkEnd(at: count)
    return count
  }

  /// An error if a file that ends after `count` frames is empty or was cut off.
  func checkEnd(at count: Int) throws(AudioError) {
    guard promise.isKept(by: count, sampleRate: sampleRate) else {
      throw .truncated(path: path, decoded: count, promised: frames)
    }
    guard count > 0 else { throw .empty(path: path) }
  }

  /// `decode`, and an error at its end if the file is silent or too short.
  @discardableResult
  func decodeUsable(minimumSeconds: Double, _ take: Taking) throws(AudioError) -> Int {
    var isSilent = true
    let count = try decode { (block) throws(AudioError) in
      isSilent = isSilent && block.allSatisfy { abs($0) < AudioFile.silence }
      try take(block)
    }
    let seconds = Double(count) / Double(sampleRate)
    guard seconds >= minimumSeconds else {
      throw .tooShort(path: path, seconds: seconds, minimum: minimumSeconds)
    }
    guard !isSilent else { throw .silent(path: path) }
    return count
  }

  /// Hands over up to `count` frames from `start` on, as far as there are any.
  /// - Returns: How many there were.
  func decode(from start: Int, count: Int, _ take: Taking) throws(AudioError) -> Int {
    let handle = try SoundHandle(reading: path)
    guard start == 0 || handle.seek(to: start) else { return 0 }
    var reader = MonoReader(handle, of: self)
    var done = 0
    while done < count {
      let block = try reader.next(atMost: count - done, from: start + done)
      if block.isEmpty { break }
      try take(block)
      done += block.count
    }
    return done
  }
}
