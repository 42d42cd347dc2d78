import Tensor

/// All files of a manifest, decoded once to mono at one rate and kept on disk, not in memory.
///
/// The samples lie in one nameless scratch file that is mapped: a crop costs a copy of its bytes,
/// and the system drops pages when memory is short. Four bytes of disk per sample: 346 MB per hour
/// at 24 kHz.
public final class DecodedAudio: @unchecked Sendable {
  // Safe to share: nothing changes after `init`, and the mapping lives as long as `scratch`.
  private let scratch: ScratchFile
  private let floats: UnsafeBufferPointer<Float>
  private let starts: [Int]
  private let lengths: [Int]

  /// Samples per second of all files, Hz.
  public let sampleRate: Int
  /// The usable files, in the manifest's order: `path` as there, `samples` at `sampleRate`.
  public let files: [Manifest.Entry]
  /// The files left out, with the reason. Report them.
  public let skipped: [Manifest.Skipped]

  /// Decodes a manifest.
  ///
  /// - Parameters:
  ///   - sampleRate: The rate of all samples, Hz.
  ///   - folder: Where the scratch file may lie; it needs room for everything.
  ///   - minimumSeconds: Shorter files are skipped.
  ///   - progress: Told after each file.
  /// - Throws: `AudioError.scratch` if the folder cannot hold it, `.nothingUsable` if no file is
  ///   left.
  public init(
    _ manifest: Manifest, sampleRate: Int, scratchFolder folder: String,
    minimumSeconds: Double = 1, progress: Progress? = nil
  ) throws(AudioError) {
    precondition(sampleRate > 0, "DecodedAudio: rate must be positive, got \(sampleRate) Hz")
    let scratch = try ScratchFile(in: folder)
    let outcomes = Cores.map(manifest.entries.count, progress: progress) {
      DecodedAudio.decode(
        manifest, $0, sampleRate: sampleRate, minimumSeconds: minimumSeconds, into: scratch)
    }
    var (starts, files, skipped) = ([Int](), [Manifest.Entry](), [Manifest.Skipped]())
    for (entry, outcome) in zip(manifest.entries, outcomes) {
      switch outcome {
      case .success(let place):
        starts.append(place.lowerBound)
        files.append(Manifest.Entry(path: entry.path, samples: place.count))
      case .failure(.scratch(let folder, let reason)):
        throw .scratch(folder: folder, reason: reason)
      case .failure(let error):
        skipped.append(Manifest.Skipped(path: entry.path, reason: error.reason))
      }
    }
    guard !files.isEmpty else {
      throw .nothingUsable(path: manifest.root, skipped: skipped.count)
    }
    floats = try scratch.map()
    (self.scratch, self.sampleRate, self.starts) = (scratch, sampleRate, starts)
    (self.files, self.skipped, lengths) = (files, skipped, files.map(\.samples))
  }

  private static func decode(
    _ manifest: Manifest, _ index: Int, sampleRate: Int, minimumSeconds: Double,
    into scratch: ScratchFile
  ) -> Result<Range<Int>, AudioError> {
    Result { () throws(AudioError) in
      let file = try AudioFile(manifest.path(of: manifest.entries[index]))
      let samples = Resampler.resample(
        try file.usableSamples(minimumSeconds: minimumSeconds), from: file.sampleRate,
        to: sampleRate)
      let start = try scratch.append(samples)
      return start..<start + samples.count
    }
  }
}

extension DecodedAudio {
  /// How many usable files there are.
  public var count: Int { starts.count }

  /// The length of one file, samples at `sampleRate`.
  public func samples(of file: Int) -> Int { lengths[file] }

  /// The length of all files together, seconds.
  public var seconds: Double { Double(lengths.reduce(0, +)) / Double(sampleRate) }

  /// A stretch of one file, `length` samples from `start`.
  /// - Traps when: it reaches out of the file.
  public func crop(file: Int, start: Int, length: Int) -> [Float] {
    [Float](unsafeUninitializedCapacity: length) { buffer, written in
      crop(file: file, start: start, into: UnsafeMutableBufferPointer(rebasing: buffer[..<length]))
      written = length
    }
  }

  /// Fills `buffer` with the stretch of one file that begins at `start`.
  /// - Traps when: it reaches out of the file.
  public func crop(file: Int, start: Int, into buffer: UnsafeMutableBufferPointer<Float>) {
    precondition(
      start >= 0 && start + buffer.count <= lengths[file],
      "crop: \(start)..<\(start + buffer.count) reaches out of file \(file), \(lengths[file]) long")
    let first = starts[file] + start
    _ = buffer.update(fromContentsOf: floats[first..<first + buffer.count])
  }
}
