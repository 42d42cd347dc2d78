/// One audio file: wav, aiff, flac, ogg, opus, mp3 and others that libsndfile can read.
///
/// Holds what is known before decoding; every decode opens the file afresh, so one value may be used from
/// many threads. All decoding is to mono, the mean of the channels, with full scale at ±1 (lossy
/// formats may exceed it), in blocks, so that a file's length costs no memory.
///
/// A file is read to its end, whatever its header says of the length, and files that were joined
/// (`cat a.ogg b.ogg`) are read one after the other. Where sound is missing, that is an error.
/// What can be decoded is the truth; `count()` finds it.
public struct AudioFile: Sendable {
  /// Peak below which a whole file counts as silent: −90 dBFS, one step of 16-bit audio.
  public static let silence: Float = 1 / 32_768
  /// Past this a sample is no sound, but a mistake of whoever wrote the file: 120 dB above full scale.
  public static let loudest: Float = 1e6

  /// Rates that a header may name, Hz: seismographs and ultrasound are not music.
  public static let sampleRates = 1000...1_000_000

  /// Where the file lies.
  public let path: String
  /// Frames per second, Hz.
  public let sampleRate: Int
  /// Channels in the file, or in the first of those joined to it; decoding averages them.
  public let channels: Int
  /// Frames, as far as they are known without decoding; nil if the end is missing.
  public let frames: Int?

  /// Where the sound is.
  let sections: [SoundSection]
  /// What the length is worth.
  let promise: LengthPromise
  /// Frames to decode before those that are wanted after a seek. A frame of mp3 or opus is told by
  /// what was decoded before it: by up to nine frames in mp3, by less and less in opus.
  private let leadIn: Int
  /// The last frame to which a seek may go. libsndfile counts positions within a page of ogg back from its
  /// end, which in the last page lies wherever the encoder wanted the file to end. In files that were
  /// joined there is no seeking.
  private let lastTarget: Int

  /// Reads the header; of ogg and mp3 files, what every page or frame says of itself.
  /// - Throws: `AudioError` if the file is missing, unreadable, empty or not audio, or if it is clear
  ///   without decoding that something is missing.
  public init(_ path: String) throws(AudioError) {
    let file = try OpenFile(path)
    sections = try SoundLayout.sections(of: file)
    try file.check()
    guard let section = sections.first else { throw .notAudio(path: path) }
    let first = try section.open(file)
    guard first.channels > 0 else { throw .empty(path: path) }
    guard Self.sampleRates.contains(first.sampleRate) else {
      throw .inconsistent(
        path: path,
        reason: "its header says \(first.sampleRate) Hz; write it anew or remove the file")
    }
    promise = try Self.promise(of: sections, first: first, in: file)
    guard promise.frames != 0 else { throw .empty(path: path) }
    self.path = path
    (sampleRate, channels, frames) = (first.sampleRate, first.channels, promise.frames)
    leadIn = first.isPredictive ? first.sampleRate / 2 : 0
    // In a FLAC of a few small frames libsndfile 1.2.0 with libFLAC 1.4.2 finds other samples.
    let isWhole = sections.count == 1 && (section.codec != .flac || section.bytes.count > 1 << 16)
    let lastPage = first.isPaged ? max(0, (promise.frames ?? 0) - Self.longestPage) : .max
    lastTarget = isWhole ? lastPage : 0
  }

  /// What sections promise together.
  private static func promise(
    of sections: [SoundSection], first: any SoundDecoder, in file: OpenFile
  ) throws(AudioError) -> LengthPromise {
    var promises = [sections[0].promise ?? first.promise]
    for (number, section) in sections.enumerated().dropFirst() {
      let decoder = try section.open(file)
      guard decoder.sampleRate == first.sampleRate else {
        throw .inconsistent(
          path: file.path,
          reason: "part \(number + 1) of \(sections.count) has \(decoder.sampleRate) Hz, the first "
            + "\(first.sampleRate) Hz; split the file or convert it to one rate")
      }
      promises.append(section.promise ?? decoder.promise)
    }
    let frames = promises.map(\.frames)
    guard promises.count > 1 else { return promises[0] }
    // A header of ogg may name any position.
    let longest = 1 << 48
    return frames.contains(nil)
      ? .broken : .estimate(frames.reduce(0) { min(longest, $0 + min(longest, $1!)) })
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
  /// - Throws: `AudioError` if it is empty, truncated, damaged or holds a sample that is none, after the
  ///   blocks before that.
  @discardableResult
  func decode(_ take: Taking) throws(AudioError) -> Int {
    var reader = try MonoReader(self)
    return try decode(by: &reader, take)
  }

  private func decode(by reader: inout MonoReader, _ take: Taking) throws(AudioError) -> Int {
    while true {
      let block = try reader.next(atMost: .max)
      if block.isEmpty { break }
      try take(block)
    }
    guard reader.position > 0 else { throw .empty(path: path) }
    return reader.position
  }

  /// `decode`, and an error at its end if the file is silent or too short.
  @discardableResult
  func decodeUsable(minimumSeconds: Double, _ take: Taking) throws(AudioError) -> Int {
    var reader = try MonoReader(self)
    let count = try decode(by: &reader, take)
    let seconds = Double(count) / Double(sampleRate)
    guard seconds >= minimumSeconds else {
      throw .tooShort(path: path, seconds: seconds, minimum: minimumSeconds)
    }
    if let silence = reader.peaks.silence { throw .silent(path: path, silence) }
    return count
  }

  /// Hands over up to `count` frames from `start` on, as far as there are any.
  /// - Returns: How many there were.
  func decode(from start: Int, count: Int, _ take: Taking) throws(AudioError) -> Int {
    var reader = try MonoReader(self)
    guard reader.seek(to: start) else { return 0 }
    while reader.position - start < count {
      let block = try reader.next(atMost: count - (reader.position - start))
      if block.isEmpty { break }
      try take(block)
    }
    return reader.position - start
  }
}
