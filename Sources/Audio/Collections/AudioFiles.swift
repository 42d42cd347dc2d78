import Synchronization
import Tensor

/// The audio files of a manifest, read from disk for every crop.
///
/// Takes no room on disk. A crop costs opening the file, a seek, and decoding and resampling the
/// range: about 20 ms for five seconds of ogg. Crops equal those of `DecodedAudio` within 1e-6 of
/// full scale.
public struct AudioFiles: AudioSource {
  /// Samples per second of all files, Hz.
  public let sampleRate: Int
  /// The usable files, in the manifest's order: `path` as there, `samples` at `sampleRate`.
  public let files: [Manifest.Entry]
  /// The files that were left out, with the reasons. The caller should report them.
  public let skipped: [Manifest.Skipped]
  private let resampler: Resampler
  private let sources: [SeekableFile]
  /// The content of each file, and their scales; nil without a cache.
  private let kept: (contents: [FileContent], scales: ScaleLog)?

  /// Determines the true length of every file.
  ///
  /// It is enough that decoding from shortly before the end gives the length of the manifest, or of the file's header.
  /// If not, the file is decoded to its end. So damage in the middle of a file, and silence, are found only when a crop
  /// is cut there.
  /// - Parameters:
  ///   - manifest: The files.
  ///   - sampleRate: The rate of all samples, Hz.
  ///   - resampler: Resamples files of another rate.
  ///   - lengthsAreKnown: Whether the manifest's lengths come from decoding, as in a manifest that
  ///     `etude manifest` wrote.
  ///   - minimumSeconds: Shorter files are skipped.
  ///   - progress: Called after each file.
  /// - Throws: `AudioError.nothingUsable` if no file is left.
  public init(
    _ manifest: Manifest, sampleRate: Int, resampler: Resampler = .soxr, lengthsAreKnown: Bool,
    minimumSeconds: Double = 1, progress: ProgressHandler? = nil
  ) throws(AudioError) {
    let survey = try Survey(manifest, progress: progress) { (number, path) throws(AudioError) in
      let claimed = lengthsAreKnown ? manifest.entries[number].samples : nil
      let length = try FileLength(of: path, claimed: claimed)
      try length.check(minimumSeconds, of: path)
      return SeekableFile(path: path, length: length)
    }
    self.init(
      survey.found.map { ($0.entry, $0.value) }, skipped: survey.skipped, sampleRate, resampler,
      kept: nil)
  }

  /// The same with a cache that keeps the length and the scale of each file from one start to the next, so that only
  /// new and changed files are read.
  ///
  /// - Parameters:
  ///   - manifest: The files; their lengths are ignored.
  ///   - sampleRate: The rate of all samples, Hz.
  ///   - resampler: Resamples files of another rate.
  ///   - cache: Where lengths and scales are kept.
  ///   - minimumSeconds: Shorter files are skipped.
  ///   - checking: Called after each file whose bytes are read.
  ///   - progress: Called after each file whose length is determined.
  /// - Throws: `FileError` if the cache cannot be read or written; `AudioError.nothingUsable` if no file is left.
  public init(
    _ manifest: Manifest, sampleRate: Int, resampler: Resampler = .soxr, in cache: AudioCache,
    minimumSeconds: Double = 1, checking: ProgressHandler? = nil, progress: ProgressHandler? = nil
  ) throws {
    let paths = manifest.entries.map(manifest.path)
    let contents = try cache.contents(of: paths, progress: checking)
    let lengths = try cache.lengths(of: contents, paths, progress: progress)
    let survey = try Survey(manifest) { (number, path) throws(AudioError) in
      let (content, length) = (try contents[number].get(), try lengths[number].get())
      try length.check(minimumSeconds, of: path)
      return (content: content, source: SeekableFile(path: path, length: length))
    }
    let store = try cache.store(sampleRate: sampleRate, resampler: resampler)
    self.init(
      survey.found.map { ($0.entry, $0.value.source) }, skipped: survey.skipped, sampleRate,
      resampler, kept: (survey.found.map(\.value.content), try ScaleLog(of: store)))
  }

  private init(
    _ found: [(entry: Manifest.Entry, source: SeekableFile)], skipped: [Manifest.Skipped],
    _ sampleRate: Int, _ resampler: Resampler,
    kept: (contents: [FileContent], scales: ScaleLog)?
  ) {
    precondition(sampleRate > 0, "AudioFiles: rate must be positive, got \(sampleRate) Hz")
    (self.sampleRate, self.resampler) = (sampleRate, resampler)
    (sources, self.skipped, self.kept) = (found.map(\.source), skipped, kept)
    files = found.map { entry, source in
      Manifest.Entry(
        path: entry.path, samples: source.length.count(at: sampleRate, by: resampler))
    }
  }

  /// The content of one file; nil without a cache.
  public func content(of file: Int) -> FileContent? { kept?.contents[file] }

  /// What brings one file to mean 0 and variance 1. The file is decoded if no cache knows it.
  /// - Throws: `AudioError` if the file cannot be decoded.
  public func scale(of file: Int) throws(AudioError) -> AudioScale {
    guard let kept else { return try AudioScale(of: self, file: file) }
    return try kept.scales.scale(of: kept.contents[file].hash) { () throws(AudioError) in
      try AudioScale(of: self, file: file)
    }
  }

  /// Fills `buffer` with the samples of one file from `start` on.
  /// - Throws: `AudioError` if the file can no longer be decoded.
  /// - Traps when: the range is not within the file.
  public func crop(
    file: Int, start: Int, into buffer: UnsafeMutableBufferPointer<Float>
  ) throws(AudioError) {
    checkRange(file: file, start: start, length: buffer.count)
    let range = start..<start + buffer.count
    let samples = try sources[file].samples(in: range, at: sampleRate, by: resampler)
    _ = buffer.update(fromContentsOf: samples)
  }

  /// A reader of a whole file, decoded from its start.
  /// - Throws: `AudioError` if the file can no longer be opened.
  public func reader(file: Int) throws(AudioError) -> any SampleReader {
    try AudioStream(sources[file].opened(), sampleRate: sampleRate, by: resampler)
  }
}

/// A file of known length. Its headers are read before its first crop and kept.
private final class SeekableFile: Sendable {
  let path: String
  let length: FileLength
  private let file = Mutex<AudioFile?>(nil)

  init(path: String, length: FileLength) { (self.path, self.length) = (path, length) }

  /// - Throws: `AudioError` if the file can no longer be opened.
  func opened() throws(AudioError) -> AudioFile {
    if let file = file.withLock({ $0 }) { return file }
    let opened = try AudioFile(path)
    file.withLock { $0 = opened }
    return opened
  }

  func samples(
    in range: Range<Int>, at rate: Int, by resampler: Resampler
  ) throws(AudioError) -> [Float] {
    try opened().samples(
      in: range, at: rate, by: resampler, length: length.frames, seeking: length.seeks)
  }
}

extension FileLength {
  /// The length in samples at another rate.
  fileprivate func count(at rate: Int, by resampler: Resampler) -> Int {
    resampler.count(of: frames, from: sampleRate, to: rate)
  }

  /// - Throws: `AudioError.tooShort`.
  fileprivate func check(_ minimumSeconds: Double, of path: String) throws(AudioError) {
    guard seconds >= minimumSeconds else {
      throw .tooShort(path: path, seconds: seconds, minimum: minimumSeconds)
    }
  }
}
