/// Reads a file of any length piece by piece, resampled: mono, or stereo with interleaved channels.
///
/// ```swift
/// let stream = try AudioStream("song.ogg", sampleRate: 48_000, channels: 2)
/// while let samples = try stream.next() { use(samples) }
/// ```
///
/// The mono pieces together equal `AudioFile.decode`. A stereo stream of a mono file has its channel twice, of a file
/// with more than two channels their mean.
public final class AudioStream: SampleReader {
  /// Channels of the pieces.
  public let channels: Int
  private var reader: MonoReader
  private var resampling: [any ResamplingStream]
  private let path: String
  private var isDone = false

  /// - Parameters:
  ///   - path: The file.
  ///   - sampleRate: Of the pieces, Hz.
  ///   - channels: 1 or 2.
  ///   - resampler: What resamples.
  /// - Throws: `AudioError`.
  /// - Traps when: `channels` is neither 1 nor 2.
  public convenience init(
    _ path: String, sampleRate: Int, channels: Int = 1, by resampler: Resampler = .soxr
  ) throws(AudioError) {
    precondition(channels == 1 || channels == 2, "AudioStream: \(channels) channels, not 1 or 2")
    try self.init(
      AudioFile(path), sampleRate: sampleRate, as: channels == 1 ? .mono : .stereo, by: resampler)
  }

  init(
    _ file: AudioFile, sampleRate: Int, as mix: ChannelMix = .mono, by resampler: Resampler
  ) throws(AudioError) {
    reader = try MonoReader(file, as: mix)
    (path, channels) = (file.path, mix.channels)
    resampling = (0..<mix.channels).map { _ in
      resampler.stream(from: file.sampleRate, to: sampleRate)
    }
  }

  /// The kind of silence of the samples read so far; nil if they are not silent.
  public var silence: Silence? { reader.peaks.silence }

  /// The next samples, at full scale ±1; nil at the end.
  /// - Throws: `AudioError`, naming the file.
  public func next() throws(AudioError) -> [Float]? {
    while !isDone {
      let block = try reader.next(atMost: .max)
      isDone = block.isEmpty
      guard reader.position > 0 else { throw .empty(path: path) }
      let samples = resampled(block)
      if !samples.isEmpty { return samples }
    }
    return nil
  }

  private func resampled(_ block: [Float]) -> [Float] {
    let parts = resampling.indices.map { channel in
      let own =
        channels == 1
        ? block : stride(from: channel, to: block.count, by: channels).map { block[$0] }
      return isDone ? resampling[channel].finish() : resampling[channel].push(own)
    }
    return channels == 1 ? parts[0] : zip(parts[0], parts[1]).flatMap { [$0, $1] }
  }
}
