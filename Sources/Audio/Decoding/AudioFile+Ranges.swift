import Tensor

extension AudioFile {
  /// The samples of a range, mono, at the file's own rate. Only the range is decoded, for mp3 and
  /// opus also half a second before it, and near the end of an ogg file up to six seconds before
  /// it.
  ///
  /// The result equals the same range of `samples()`: to the bit for lossless formats and
  /// ogg/vorbis, within 1e-6 for mp3 and opus.
  /// - Parameters:
  ///   - range: Frames at the file's own rate.
  ///   - seeking: Whether to seek to the range. Seeking can be inexact in an ogg file with a wrong
  ///     header: pass the result of `seeks(within:)`.
  /// - Throws: `AudioError`, also if the range ends after the last frame that can be decoded.
  /// - Traps when: the range starts before 0.
  public func samples(in range: Range<Int>, seeking: Bool = true) throws(AudioError) -> [Float] {
    precondition(range.lowerBound >= 0, "samples: range \(range) starts before the file")
    let start = seeking ? seekTarget(for: range.lowerBound) : 0
    var samples: [Float] = []
    samples.reserveCapacity(min(range.count, 1 << 24))
    var position = start
    let count = try decode(from: start, count: range.upperBound - start) { block in
      samples += block.dropFirst(max(0, range.lowerBound - position))
      position += block.count
    }
    guard samples.count == range.count else {
      throw .truncated(path: path, decoded: start + count, promised: range.upperBound)
    }
    return samples
  }

  /// Whether seeking is exact in a file of `length` frames: whether decoding from shortly before
  /// the last frame ends right after it. Pages with wrong positions shift every position after
  /// them, so the end of an ogg file shows them all.
  public func seeks(within length: Int) -> Bool {
    let start = seekTarget(for: max(0, length - 1))
    return (try? decode(from: start, count: .max) { _ in }) == length - start
  }

  /// The samples of a range, resampled to `rate` Hz, mono.
  ///
  /// The result equals the same range of `decode(_:sampleRate:by:)`, to the bit for `sinc`, and
  /// within 1e-6 of full scale for `soxr`, because its internal transforms round differently.
  /// - Parameters:
  ///   - range: Samples at `rate`.
  ///   - rate: The sample rate of the result, Hz.
  ///   - resampler: Changes the sample rate.
  ///   - length: The number of frames of the file, at its own rate.
  ///   - seeking: As in `samples(in:seeking:)`.
  /// - Throws: `AudioError`, also if the range ends after the last frame that can be decoded.
  public func samples(
    in range: Range<Int>, at rate: Int, by resampler: Resampler = .soxr, length: Int,
    seeking: Bool = true
  ) throws(AudioError) -> [Float] {
    if rate == sampleRate { return try samples(in: range, seeking: seeking) }
    let window = ResamplingWindow(range, at: rate, from: sampleRate, length: length)
    let input = try samples(in: window.input, seeking: seeking)
    let output = resampler.resample(input, from: sampleRate, to: rate)
    guard output.count >= window.skipped + range.count else {
      let end = window.input.lowerBound * rate / sampleRate + output.count
      throw .truncated(path: path, decoded: end, promised: range.upperBound)
    }
    return Array(output[window.skipped..<window.skipped + range.count])
  }
}

/// The input frames on which a range of a resampler's output depends.
struct ResamplingWindow {
  /// The greatest reach of both filters, in samples of the lower rate.
  private static let reach = 1024

  /// Frames at the old rate.
  let input: Range<Int>
  /// The number of outputs of `input` before the range.
  let skipped: Int

  /// - Parameter length: The number of frames of the whole input.
  init(_ outputs: Range<Int>, at new: Int, from old: Int, length: Int) {
    let divisor = old.commonDivisor(with: new)
    let (oldPeriod, newPeriod) = (old / divisor, new / divisor)
    let margin = Self.reach * max(old, new) / new
    // Filters repeat with the period. The input begins with a period, so that each output has the
    // same filter as in the whole signal.
    let first = max(0, outputs.lowerBound * old / new - margin) / oldPeriod
    let end = (outputs.upperBound * old + new - 1) / new + margin
    input = first * oldPeriod..<max(first * oldPeriod, min(length, end))
    skipped = outputs.lowerBound - first * newPeriod
  }
}
