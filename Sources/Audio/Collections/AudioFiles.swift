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
  private let sources: [MeasuredFile]

  /// Determines the true length of every file.
  ///
  /// Each file is decoded to its end. If the manifest's lengths come from decoding, it is enough
  /// that decoding from shortly before the end gives the same length. The length in the file's
  /// header is ignored.
  /// - Parameters:
  /// - Parameters:
  ///   - manifest: The files.
  ///   - sampleRate: The rate of all samples, Hz.
  ///   - resampler: Resamples files of another rate.
  ///   - lengthsAreKnown: Whether the manifest's lengths come from decoding, as in a manifest that
  ///     `etude manifest` wrote, and not from headers.
  ///   - minimumSeconds: Shorter files are skipped.
  ///   - progress: Called after each file.
  /// - Throws: `AudioError.nothingUsable` if no file is left.
  public init(
    _ manifest: Manifest, sampleRate: Int, resampler: Resampler = .soxr, lengthsAreKnown: Bool,
    minimumSeconds: Double = 1, progress: ProgressHandler? = nil
  ) throws(AudioError) {
    precondition(sampleRate > 0, "AudioFiles: rate must be positive, got \(sampleRate) Hz")
    let survey = try Survey(manifest, progress: progress) { (entry, path) throws(AudioError) in
      let file = try AudioFile(path)
      let source = try MeasuredFile(file, claimed: lengthsAreKnown ? entry.samples : nil) {
        (file) throws(AudioError) in try file.check(minimumSeconds: minimumSeconds)
      }
      guard source.seconds >= minimumSeconds else {
        throw .tooShort(path: path, seconds: source.seconds, minimum: minimumSeconds)
      }
      let samples = source.count(at: sampleRate, by: resampler)
      return (entry: Manifest.Entry(path: entry.path, samples: samples), source: source)
    }
    (self.sampleRate, self.resampler, skipped) = (sampleRate, resampler, survey.skipped)
    (files, sources) = (survey.found.map(\.entry), survey.found.map(\.source))
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
    try AudioStream(sources[file].file, sampleRate: sampleRate, by: resampler)
  }
}
