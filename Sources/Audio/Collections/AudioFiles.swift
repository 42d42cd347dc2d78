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
  private let sources: [Source]

  /// A file on disk.
  fileprivate struct Source: Sendable {
    var file: AudioFile
    /// Frames that can be decoded, at the file's own rate.
    var length: Int
    /// Whether positions tell the truth. Else crops are decoded from the file's start.
    var seeks: Bool
  }

  /// Finds the true length of every file.
  ///
  /// A file is decoded to its end, unless the manifest's length was found that way: then it is believed if
  /// decoding from shortly before it ends there. What the header says does not matter.
  /// - Parameters:
  ///   - sampleRate: The rate of all samples, Hz.
  ///   - resampler: What brings files of another rate to it.
  ///   - lengthsAreKnown: Whether the manifest's lengths come from decoding, as `etude manifest` writes
  ///     them, and not from headers.
  ///   - minimumSeconds: Shorter files are skipped.
  ///   - progress: Told after each file.
  /// - Throws: `AudioError.nothingUsable` if no file is left.
  public init(
    _ manifest: Manifest, sampleRate: Int, resampler: Resampler = .soxr, lengthsAreKnown: Bool,
    minimumSeconds: Double = 1, progress: Progress? = nil
  ) throws(AudioError) {
    precondition(sampleRate > 0, "AudioFiles: rate must be positive, got \(sampleRate) Hz")
    let survey = try Survey(manifest, progress: progress) { (entry, path) throws(AudioError) in
      let file = try AudioFile(path)
      let source = try file.source(
        claimed: lengthsAreKnown ? entry.samples : nil, minimumSeconds: minimumSeconds)
      let samples = resampler.count(of: source.length, from: file.sampleRate, to: sampleRate)
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
    let source = sources[file]
    let samples = try source.file.samples(
      in: start..<start + buffer.count, at: sampleRate, by: resampler, length: source.length,
      seeking: source.seeks)
    _ = buffer.update(fromContentsOf: samples)
  }
}

extension AudioFile {
  fileprivate func source(
    claimed: Int?, minimumSeconds: Double
  ) throws(AudioError) -> AudioFiles.Source {
    guard let claimed, promise.isKept(by: claimed, sampleRate: sampleRate), seeks(within: claimed)
    else {
      let length = try check(minimumSeconds: minimumSeconds)
      return AudioFiles.Source(file: self, length: length, seeks: seeks(within: length))
    }
    let seconds = Double(claimed) / Double(sampleRate)
    guard seconds >= minimumSeconds else {
      throw .tooShort(path: path, seconds: seconds, minimum: minimumSeconds)
    }
    return AudioFiles.Source(file: self, length: claimed, seeks: true)
  }
}
