/// One audio file: wav, aiff, flac, ogg, opus, mp3 and other formats that libsndfile can read.
///
/// The value holds what the headers give. Every decode opens the file again, so one value may be
/// used from many threads. Decoding averages the channels to mono, with full scale at ±1, which
/// lossy formats may exceed. It works in blocks, so memory does not grow with the length of a file.
///
/// A file is read to its end, whatever length its header gives. Files that were concatenated
/// (`cat a.ogg b.ogg`) are read one after the other. Missing audio is an error. The true length is
/// the number of frames that can be decoded, which `count()` returns.
public struct AudioFile: Sendable {
  /// The peak below which a whole file counts as silent: −90 dBFS, one step of 16-bit audio.
  public static let silence: Float = 1 / 32_768
  /// The greatest plausible magnitude of a sample, 120 dB above full scale. A greater one is an
  /// error of the program that wrote the file.
  public static let loudest: Float = 1e6

  /// Accepted sample rates, Hz. Seismographs and ultrasound are out of range.
  public static let sampleRates = 1000...1_000_000

  /// The path of the file.
  public let path: String
  /// Frames per second, Hz.
  public let sampleRate: Int
  /// The channels of the file, or of the first of concatenated files. Decoding averages them.
  public let channels: Int
  /// The number of frames according to the headers; nil if the end is missing.
  public let frames: Int?

  /// Where its bytes lie, so that a member of an archive is found once.
  let place: FilePlace
  /// The byte ranges of audio.
  let sections: [SoundSection]
  /// The length that the headers promise, and how reliable it is.
  let promise: LengthPromise
  /// The frames to decode after a seek before the samples are exact. A frame of mp3 or opus depends
  /// on what was decoded before it: on up to nine frames in mp3, on earlier frames with decreasing
  /// weight in opus.
  private let leadIn: Int
  /// The last frame to which a seek is exact. libsndfile counts the positions within an ogg page
  /// back from the page's end. In the last page that end is wherever the encoder truncated the
  /// file. Concatenated files do not seek.
  private let lastTarget: Int

  /// Reads the header; for ogg and mp3 files, the headers of all pages or frames.
  /// - Throws: `AudioError` if the file is missing, unreadable, empty or not audio, or if the
  ///   headers show that audio is missing.
  public init(_ path: String) throws(AudioError) {
    place = try FilePlace(path)
    let file = try OpenFile(path, at: place)
    sections = try SoundLayout.sections(of: file)
    try file.check()
    guard let section = sections.first else { throw .notAudio(path: path) }
    let first = try section.open(file)
    guard first.channels > 0 else { throw .empty(path: path) }
    guard Self.sampleRates.contains(first.sampleRate) else {
      throw .inconsistent(
        path: path,
        reason: "its header says \(first.sampleRate) Hz; convert or remove the file")
    }
    promise = try Self.promise(of: sections, first: first, in: file)
    guard promise.frames != 0 else { throw .empty(path: path) }
    self.path = path
    (sampleRate, channels, frames) = (first.sampleRate, first.channels, promise.frames)
    leadIn = first.isPredictive ? first.sampleRate / 2 : 0
    // In a FLAC file of a few small frames libsndfile 1.2.0 with libFLAC 1.4.2 seeks to wrong
    // samples.
    let isWhole = sections.count == 1 && (section.codec != .flac || section.bytes.count > 1 << 16)
    let lastPage = first.isPaged ? max(0, (promise.frames ?? 0) - Self.longestPage) : .max
    lastTarget = isWhole ? lastPage : 0
  }

  /// The length that all sections together promise.
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
    // An ogg header may give any position, so the sum is limited.
    let longest = 1 << 48
    return frames.contains(nil)
      ? .broken : .estimate(frames.reduce(0) { min(longest, $0 + min(longest, $1!)) })
  }

  /// The frames of the longest ogg page: 255 packets of 1024.
  private static let longestPage = 261_120

  /// The frame to seek to before decoding `frame`.
  func seekTarget(for frame: Int) -> Int { min(max(0, frame - leadIn), lastTarget) }
}

extension AudioFile {
  /// The samples of the whole file, mono, at its own rate.
  /// - Throws: `AudioError` if it is empty, truncated, damaged or holds a NaN or an infinity.
  public func samples() throws(AudioError) -> [Float] {
    var samples: [Float] = []
    try decode { (block) throws(AudioError) in samples += block }
    return samples
  }

  /// The number of frames that can be decoded.
  /// - Throws: The errors of `samples()`.
  public func count() throws(AudioError) -> Int { try decode { _ in } }

  /// Decodes the whole file to check it, and keeps no samples.
  ///
  /// - Parameter minimumSeconds: The minimum length, seconds.
  /// - Returns: The number of frames.
  /// - Throws: The errors of `samples()`; `.silent` or `.tooShort`.
  public func check(minimumSeconds: Double) throws(AudioError) -> Int {
    try decodeUsable(minimumSeconds: minimumSeconds) { _ in }
  }

  /// The samples of a whole file, mono, resampled to `sampleRate` Hz.
  /// - Throws: The errors of `samples()`.
  public static func decode(
    _ path: String, sampleRate: Int, by resampler: Resampler = .soxr
  ) throws(AudioError) -> [Float] {
    let file = try AudioFile(path)
    return resampler.resample(try file.samples(), from: file.sampleRate, to: sampleRate)
  }
}

extension AudioFile {
  /// A function that receives a block of mono samples.
  typealias Taking = (_ block: [Float]) throws(AudioError) -> Void

  /// Calls `take` with the whole file, block by block.
  /// - Returns: The number of frames.
  /// - Throws: `AudioError` if the file is empty, truncated, damaged, or has a sample that is not
  ///   finite or too loud. The blocks before the error are passed to `take` first.
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

  /// `decode`, which throws at the end if the file is silent or too short.
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

  /// Calls `take` with up to `count` frames from `start` on, fewer at the end of the file.
  /// - Returns: The number of frames.
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
