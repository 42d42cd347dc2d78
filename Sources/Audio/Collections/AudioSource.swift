import Tensor

/// The audio of many files, mono at one rate, of which any stretch can be had.
///
/// `DecodedAudio` has decoded everything; `AudioFiles` decodes what is asked for.
public protocol AudioSource: Sendable {
  /// Samples per second of all files, Hz.
  var sampleRate: Int { get }
  /// The usable files, in the manifest's order: `path` as there, `samples` at `sampleRate`.
  var files: [Manifest.Entry] { get }
  /// The files left out, with the reason. Report them.
  var skipped: [Manifest.Skipped] { get }

  /// How much of all files is digital silence, seconds: stretches of 20 ms or more in which every sample is
  /// below `AudioFile.silence`. Nil if that is not known.
  var silentSeconds: Double? { get }

  /// Fills `buffer` with the stretch of one file that begins at `start`.
  /// - Throws: `AudioError` if the file cannot be decoded any more.
  /// - Traps when: it reaches out of the file.
  func crop(
    file: Int, start: Int, into buffer: UnsafeMutableBufferPointer<Float>
  ) throws(AudioError)

  /// A whole file, piece by piece; together the pieces are the crop that is all of it.
  /// - Throws: `AudioError` if the file cannot be opened any more.
  func reader(file: Int) throws(AudioError) -> any SampleReader
}

extension AudioSource {
  /// How many usable files there are.
  public var count: Int { files.count }

  /// The length of one file, samples at `sampleRate`.
  public func samples(of file: Int) -> Int { files[file].samples }

  /// The length of all files together, seconds.
  public var seconds: Double { Double(files.reduce(0) { $0 + $1.samples }) / Double(sampleRate) }

  /// A stretch of one file, `length` samples from `start`.
  /// - Throws: `AudioError` if the file cannot be decoded any more.
  /// - Traps when: it reaches out of the file.
  public func crop(file: Int, start: Int, length: Int) throws(AudioError) -> [Float] {
    var samples = [Float](repeating: 0, count: length)
    try samples.withUnsafeMutableBufferPointer { (buffer) throws(AudioError) in
      try crop(file: file, start: start, into: buffer)
    }
    return samples
  }

  /// Not known unless a source says otherwise.
  public var silentSeconds: Double? { nil }

  /// Reads by crops, which suits a source that has its files decoded.
  public func reader(file: Int) throws(AudioError) -> any SampleReader {
    CropReader(self, file: file)
  }

  func checkRange(file: Int, start: Int, length: Int) {
    let all = samples(of: file)
    precondition(
      start >= 0 && start + length <= all,
      "crop: \(start)..<\(start + length) reaches out of file \(file), \(all) long")
  }
}

/// What was found of each file of a manifest: something usable, or why it is not.
struct Survey<Found> {
  private(set) var found: [Found] = []
  private(set) var skipped: [Manifest.Skipped] = []

  /// Looks at every file on all cores.
  /// - Throws: `AudioError.scratch` as soon as one outcome is that, `.nothingUsable` if nothing is left.
  init(
    _ manifest: Manifest, progress: ProgressHandler?,
    _ look: (_ entry: Manifest.Entry, _ path: String) throws(AudioError) -> Found
  ) throws(AudioError) {
    let outcomes = Cores.map(manifest.entries.count, progress: progress) { index in
      let entry = manifest.entries[index]
      return Result { () throws(AudioError) in try look(entry, manifest.path(of: entry)) }
    }
    for (entry, outcome) in zip(manifest.entries, outcomes) {
      switch outcome {
      case .success(let value): found.append(value)
      case .failure(.scratch(let folder, let reason)):
        throw .scratch(folder: folder, reason: reason)
      case .failure(let error):
        skipped.append(Manifest.Skipped(path: entry.path, reason: error.reason))
      }
    }
    guard !found.isEmpty else {
      throw .nothingUsable(path: manifest.root, skipped: skipped)
    }
  }
}
