import Tensor

/// The files of a manifest, of which every crop is decoded when it is asked for.
///
/// Takes no room on disk. A crop costs opening its file, a seek, decoding and resampling the stretch:
/// some 20 ms for five seconds of ogg. Crops equal those of `DecodedAudio` within 1e-6 of full scale.
public struct AudioFiles: AudioSource {
  /// Samples per second of all files, Hz.
  public let sampleRate: Int
  /// The usable files, in the manifest's order: `path` as there, `samples` at `sampleRate`.
  public let files: [Manifest.Entry]
  /// The files left out, with the reason. Report them.
  public let skipped: [Manifest.Skipped]
  private let resampler: Resampler
  private let sources: [MeasuredFile]

  /// Finds the true length of every file.
  ///
  /// A file is decoded to its end, unless the manifest's length was found that way: then it is believed if
  /// decoding from shortly before it ends there. What the header says does not matter.
  /// - Parameters:
  ///   - manifest: The files.
  ///   - sampleRate: The rate of all samples, Hz.
  ///   - resampler: What brings files of another rate to it.
  ///   - lengthsAreKnown: Whether the manifest's lengths come from decoding, as `etude manifest` writes
  ///     them, and not from headers.
  ///   - minimumSeconds: Shorter files are skipped.
  ///   - progress: Told after each file.
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

  /// Fills `buffer` with the stretch of one file that begins at `start`.
  /// - Throws: `AudioError` if the file cannot be decoded any more.
  /// - Traps when: it reaches out of the file.
  public func crop(
    file: Int, start: Int, into buffer: UnsafeMutableBufferPointer<Float>
  ) throws(AudioError) {
    checkRange(file: file, start: start, length: buffer.count)
    let range = start..<start + buffer.count
    let samples = try sources[file].samples(in: range, at: sampleRate, by: resampler)
    _ = buffer.update(fromContentsOf: samples)
  }

  /// A whole file, decoded from its start, piece by piece.
  /// - Throws: `AudioError` if the file cannot be opened any more.
  public func reader(file: Int) throws(AudioError) -> any SampleReader {
    try FileReader(sources[file].file, sampleRate: sampleRate, by: resampler)
  }
}
