import Tensor

/// All files of a manifest, decoded once to mono at one sample rate and kept on disk.
///
/// The samples are in an unnamed scratch file that is mapped into memory. A crop costs a copy of
/// its bytes, and the system drops pages when memory is short. A sample takes four bytes of disk:
/// 346 MB per hour at 24 kHz. A file is written as it is decoded, in blocks that may alternate with
/// blocks of other files, so memory does not grow with the length of a file.
public final class DecodedAudio: AudioSource {
  private let scratch: ScratchFile
  /// The positions of the blocks of every file in `scratch`.
  private let blocks: [[Int]]

  /// Samples per second of all files, Hz.
  public let sampleRate: Int
  /// The usable files, in the manifest's order: `path` as there, `samples` at `sampleRate`.
  public let files: [Manifest.Entry]
  /// The files that were left out, with the reasons. The caller should report them.
  public let skipped: [Manifest.Skipped]
  /// The duration of digital silence in all files, seconds.
  public let silentSeconds: Double?

  /// Decodes all files of a manifest.
  ///
  /// - Parameters:
  ///   - manifest: The files.
  ///   - sampleRate: The rate of all samples, Hz.
  ///   - resampler: Resamples files of another rate.
  ///   - folder: The folder of the scratch file; needs room for all samples.
  ///   - minimumSeconds: Shorter files are skipped.
  ///   - progress: Called after each file.
  /// - Throws: `AudioError.scratch` if the folder has not enough room, `.nothingUsable` if no file
  ///   is left.
  public init(
    _ manifest: Manifest, sampleRate: Int, resampler: Resampler = .soxr,
    scratchFolder folder: String, minimumSeconds: Double = 1, progress: ProgressHandler? = nil
  ) throws(AudioError) {
    precondition(sampleRate > 0, "DecodedAudio: rate must be positive, got \(sampleRate) Hz")
    let scratch = try ScratchFile(in: folder)
    let survey = try Survey(manifest, progress: progress) { (_, path) throws(AudioError) in
      var writer = BlockWriter(to: scratch)
      var silence = SilentStretches(sampleRate: sampleRate)
      try AudioFile(path).decodeUsable(
        minimumSeconds: minimumSeconds, at: sampleRate, by: resampler
      ) { (samples) throws(AudioError) in
        silence.add(samples)
        try writer.append(samples)
      }
      try writer.finish()
      silence.end()
      return (samples: writer.count, blocks: writer.blocks, silent: silence.samples)
    }
    try scratch.map()
    (self.scratch, self.sampleRate, skipped) = (scratch, sampleRate, survey.skipped)
    files = survey.files(\.samples)
    blocks = survey.found.map(\.value.blocks)
    let silent = survey.found.reduce(0) { $0 + $1.value.silent }
    silentSeconds = Double(silent) / Double(sampleRate)
  }

  /// Fills `buffer` with the samples of one file from `start` on.
  /// - Traps when: the range is not within the file.
  public func crop(file: Int, start: Int, into buffer: UnsafeMutableBufferPointer<Float>) {
    checkRange(file: file, start: start, length: buffer.count)
    var done = 0
    while done < buffer.count {
      let (block, offset) = (start + done).quotientAndRemainder(dividingBy: BlockWriter.length)
      let count = min(buffer.count - done, BlockWriter.length - offset)
      let first = blocks[file][block] + offset
      _ = UnsafeMutableBufferPointer(rebasing: buffer[done..<done + count])
        .update(fromContentsOf: scratch.floats[first..<first + count])
      done += count
    }
  }

  /// `length` samples of one file from `start` on.
  /// - Traps when: the range is not within the file.
  public func crop(file: Int, start: Int, length: Int) -> [Float] {
    [Float](unsafeUninitializedCapacity: length) { buffer, written in
      crop(file: file, start: start, into: UnsafeMutableBufferPointer(rebasing: buffer[..<length]))
      written = length
    }
  }
}

extension AudioFile {
  /// Calls `take` with the samples of the whole file, block by block, resampled. Throws at the end
  /// if the file is silent or too short.
  /// - Returns: The number of frames at the file's own rate.
  @discardableResult
  func decodeUsable(
    minimumSeconds: Double, at rate: Int, by resampler: Resampler, _ take: Taking
  ) throws(AudioError) -> Int {
    var stream = resampler.stream(from: sampleRate, to: rate)
    let frames = try decodeUsable(minimumSeconds: minimumSeconds) { (block) throws(AudioError) in
      try take(stream.push(block))
    }
    try take(stream.finish())
    return frames
  }
}

/// Writes the samples of one file in blocks of equal length; the last may be shorter.
private struct BlockWriter {
  /// The samples of a block, 1 MiB.
  static let length = 1 << 18

  private let scratch: ScratchFile
  private var pending: [Float] = []
  private(set) var blocks: [Int] = []
  private(set) var count = 0

  init(to scratch: ScratchFile) { self.scratch = scratch }

  mutating func append(_ samples: [Float]) throws(AudioError) {
    pending += samples
    count += samples.count
    while pending.count >= Self.length {
      blocks.append(try scratch.append(Array(pending.prefix(Self.length))))
      pending.removeFirst(Self.length)
    }
  }

  mutating func finish() throws(AudioError) {
    if !pending.isEmpty { blocks.append(try scratch.append(pending)) }
    pending = []
  }
}
