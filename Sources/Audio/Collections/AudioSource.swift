import Tensor

/// The audio of many files, mono at one sample rate, with random access.
///
/// `DecodedAudio` decodes all files in advance; `AudioFiles` decodes each crop.
public protocol AudioSource: Sendable {
  /// Samples per second of all files, Hz.
  var sampleRate: Int { get }
  /// The usable files, in the manifest's order: `path` as there, `samples` at `sampleRate`.
  var files: [Manifest.Entry] { get }
  /// The files that were left out, with the reasons. The caller should report them.
  var skipped: [Manifest.Skipped] { get }

  /// The duration of digital silence in all files, seconds: the sum of all ranges of 20 ms or more
  /// in which every sample is below `AudioFile.silence`. Nil if it was not measured.
  var silentSeconds: Double? { get }

  /// The content of one file, if the source has read it; nil otherwise.
  func content(of file: Int) -> FileContent?

  /// What brings one file to mean 0 and variance 1. A source that has not measured it reads the file.
  /// - Throws: `AudioError` if the file cannot be decoded.
  func scale(of file: Int) throws(AudioError) -> AudioScale

  /// Fills `buffer` with the samples of one file from `start` on.
  /// - Throws: `AudioError` if the file can no longer be decoded.
  /// - Traps when: the range is not within the file.
  func crop(
    file: Int, start: Int, into buffer: UnsafeMutableBufferPointer<Float>
  ) throws(AudioError)

  /// A reader of a whole file. Its pieces together equal a crop of the whole file.
  /// - Throws: `AudioError` if the file can no longer be opened.
  func reader(file: Int) throws(AudioError) -> any SampleReader
}

extension AudioSource {
  /// The number of usable files.
  public var count: Int { files.count }

  /// The length of one file, samples at `sampleRate`.
  public func samples(of file: Int) -> Int { files[file].samples }

  /// The total length of all files, seconds.
  public var seconds: Double { Double(files.reduce(0) { $0 + $1.samples }) / Double(sampleRate) }

  /// `length` samples of one file from `start` on.
  /// - Throws: `AudioError` if the file can no longer be decoded.
  /// - Traps when: the range is not within the file.
  public func crop(file: Int, start: Int, length: Int) throws(AudioError) -> [Float] {
    var samples = [Float](repeating: 0, count: length)
    try samples.withUnsafeMutableBufferPointer { (buffer) throws(AudioError) in
      try crop(file: file, start: start, into: buffer)
    }
    return samples
  }

  /// Nil, unless a source measures it.
  public var silentSeconds: Double? { nil }

  /// Nil, unless a source reads whole files.
  public func content(of file: Int) -> FileContent? { nil }

  /// Reads the file.
  public func scale(of file: Int) throws(AudioError) -> AudioScale {
    try AudioScale(of: self, file: file)
  }

  /// Reads crops, which suits a source whose files are decoded already.
  public func reader(file: Int) throws(AudioError) -> any SampleReader {
    CropReader(self, file: file)
  }

  func checkRange(file: Int, start: Int, length: Int) {
    let all = samples(of: file)
    precondition(
      start >= 0 && start + length <= all,
      "crop: \(start)..<\(start + length) is not within file \(file), which has \(all) samples")
  }
}

/// The result for each file of a manifest: a usable value, or the reason why the file is left out.
struct Survey<Value> {
  /// The usable files.
  private(set) var found: [(entry: Manifest.Entry, value: Value)] = []
  private(set) var skipped: [Manifest.Skipped] = []

  /// Calls `look` for every file, on all cores.
  /// - Throws: `AudioError.scratch` if one of the calls throws it, `.nothingUsable` if no file is
  ///   left.
  init(
    _ manifest: Manifest, progress: ProgressHandler? = nil,
    _ look: (_ number: Int, _ path: String) throws(AudioError) -> Value
  ) throws(AudioError) {
    let outcomes = Cores.map(manifest.entries.count, progress: progress) { number in
      Result { () throws(AudioError) in
        try look(number, manifest.path(of: manifest.entries[number]))
      }
    }
    for (entry, outcome) in zip(manifest.entries, outcomes) {
      switch outcome {
      case .success(let value): found.append((entry, value))
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

  /// The usable files with their true lengths.
  func files(_ samples: (Value) -> Int) -> [Manifest.Entry] {
    found.map { Manifest.Entry(path: $0.entry.path, samples: samples($0.value)) }
  }
}
