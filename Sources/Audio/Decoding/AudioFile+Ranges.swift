import Tensor

extension AudioFile {
  /// A stretch of the file, mono, at its own rate. Only the stretch is decoded, for mp3 and opus half a
  /// second before it, and near the end of an ogg file six.
  ///
  /// It equals that part of `samples()`: to the bit for formats without loss and ogg/vorbis, within 1e-6
  /// for mp3 and opus.
  /// - Parameters:
  ///   - range: Frames at the file's own rate.
  ///   - seeking: Whether to go there directly. In an ogg file whose header lies, positions may lie, too:
  ///     pass what `seeks(within:)` says.
  /// - Throws: `AudioError`, also when the range reaches past what can be decoded.
  /// - Traps when: the range starts before the file.
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

  /// Whether a seek lands where it should, in a file of so many frames: whether decoding from shortly before
  /// the last of them ends after it. Whatever shifts the positions of an ogg file shifts those near its end.
  public func seeks(within length: Int) -> Bool {
    let start = seekTarget(for: max(0, length - 1))
    return (try? decode(from: start, count: .max) { _ in }) == length - start
  }

  /// A stretch of the file resampled to `rate` Hz, mono.
  ///
  /// It equals that part of `decode(_:sampleRate:by:)`, but for the rounding of the resampler's inner
  /// transforms: within 1e-6 of full scale, for `sinc` to the bit.
  /// - Parameters:
  ///   - range: Samples at `rate`.
  ///   - rate: The sample rate of the result, Hz.
  ///   - resampler: How the rate is changed.
  ///   - length: How many frames the file has, at its own rate.
  ///   - seeking: As above.
  /// - Throws: `AudioError`, also when the range reaches past what can be decoded.
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

/// The input frames that decide a range of a resampler's outputs.
struct ResamplingWindow {
  /// Past which neither filter reaches, in samples of the lower rate.
  private static let reach = 1024

  /// Frames at the old rate.
  let input: Range<Int>
  /// Outputs of `input` before those that are wanted.
  let skipped: Int

  /// - Parameter length: Of the whole input, frames.
  init(_ outputs: Range<Int>, at new: Int, from old: Int, length: Int) {
    let divisor = old.commonDivisor(with: new)
    let (oldPeriod, newPeriod) = (old / divisor, new / divisor)
    let margin = Self.reach * max(old, new) / new
    // Filters repeat with the period, so inputs begin with one: then each output keeps its filter.
    let first = max(0, outputs.lowerBound * old / new - margin) / oldPeriod
    let end = (outputs.upperBound * old + new - 1) / new + margin
    input = first * oldPeriod..<max(first * oldPeriod, min(length, end))
    skipped = outputs.lowerBound - first * newPeriod
  }
}
