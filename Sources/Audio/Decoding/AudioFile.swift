import CSndFile

/// One audio file that libsndfile can read: wav, aiff, flac, ogg, opus, mp3 and others.
///
/// Holds what the header says; every decode opens the file afresh, so one value may be used from
/// many threads. All decoding is to mono, the mean of the channels, with full scale at ±1 (lossy
/// formats may exceed it).
public struct AudioFile: Sendable {
  /// Peak below which a whole file counts as silent: −100 dBFS, under one step of 16-bit audio.
  public static let silence: Float = 1e-5

  /// Where the file lies.
  public let path: String
  /// Frames per second, Hz.
  public let sampleRate: Int
  /// Channels in the file; decoding averages them.
  public let channels: Int
  /// Frames that the header promises. Estimated for mp3, so trust what decoding returns.
  public let frames: Int

  /// Whether `frames` is a promise of the header and not an estimate.
  let countIsExact: Bool

  /// Reads the header.
  /// - Throws: `AudioError` if the file is missing, unreadable, empty or not audio.
  public init(_ path: String) throws(AudioError) {
    let handle = try SoundHandle(reading: path)
    let format = handle.info.format & Int32(SF_FORMAT_TYPEMASK)
    let promised = try RIFFHeader.promisedFrames(path: path) ?? Int(handle.info.frames)
    guard promised > 0 else { throw .empty(path: path) }
    self.path = path
    sampleRate = Int(handle.info.samplerate)
    channels = Int(handle.info.channels)
    frames = promised
    countIsExact = format != Int32(SF_FORMAT_MPEG)
  }

  /// Length by the header.
  public var seconds: Double { Double(frames) / Double(sampleRate) }
}

extension AudioFile {
  /// The whole file, mono, at its own rate.
  /// - Throws: `AudioError` if it is empty, truncated, damaged or holds a NaN or an infinity.
  public func samples() throws(AudioError) -> [Float] {
    let handle = try SoundHandle(reading: path)
    let samples = try read(handle, atMost: .max)
    guard !samples.isEmpty else { throw .empty(path: path) }
    guard !countIsExact || samples.count >= frames else {
      throw .truncated(path: path, decoded: samples.count, promised: frames)
    }
    return samples
  }

  /// A stretch of the file, mono, at its own rate.
  ///
  /// - Parameter range: Frames at the file's own rate.
  /// - Throws: `AudioError`, also when the range reaches past what can be decoded.
  public func samples(in range: Range<Int>) throws(AudioError) -> [Float] {
    precondition(range.lowerBound >= 0, "samples: range \(range) starts before the file")
    let handle = try SoundHandle(reading: path)
    if !handle.seek(to: range.lowerBound) {
      throw .truncated(path: path, decoded: frames, promised: range.upperBound)
    }
    let samples = try read(handle, atMost: range.count)
    guard samples.count == range.count else {
      let decoded = range.lowerBound + samples.count
      throw .truncated(path: path, decoded: decoded, promised: range.upperBound)
    }
    return samples
  }

  /// The whole file, fit to learn from: `samples()` which is not silent and not too short.
  /// - Parameter minimumSeconds: The least length that is of use.
  public func usableSamples(minimumSeconds: Double) throws(AudioError) -> [Float] {
    let samples = try samples()
    let seconds = Double(samples.count) / Double(sampleRate)
    guard seconds >= minimumSeconds else {
      throw .tooShort(path: path, seconds: seconds, minimum: minimumSeconds)
    }
    guard samples.contains(where: { abs($0) >= AudioFile.silence }) else {
      throw .silent(path: path)
    }
    return samples
  }

  /// The whole of a file, mono, resampled to `sampleRate` Hz.
  /// - Throws: what `samples()` does.
  public static func decode(_ path: String, sampleRate: Int) throws(AudioError) -> [Float] {
    let file = try AudioFile(path)
    return Resampler.resample(try file.samples(), from: file.sampleRate, to: sampleRate)
  }
}

extension AudioFile {
  private static let blockFrames = 16_384

  /// Reads on from where `handle` stands until the end or `limit` frames, averaging the channels.
  private func read(
    _ handle: borrowing SoundHandle, atMost limit: Int
  ) throws(AudioError) -> [Float] {
    var mono: [Float] = []
    mono.reserveCapacity(min(limit, frames))
    let block = UnsafeMutableBufferPointer<Float>.allocate(
      capacity: min(AudioFile.blockFrames, limit) * channels)
    defer { block.deallocate() }
    while mono.count < limit {
      let wanted = min(AudioFile.blockFrames, limit - mono.count) * channels
      let count = handle.read(into: UnsafeMutableBufferPointer(rebasing: block[0..<wanted]))
      if count == 0 { break }
      try append(block, frames: count, to: &mono)
    }
    if let complaint = handle.complaint { throw .corrupt(path: path, reason: complaint) }
    return mono
  }

  private func append(
    _ block: UnsafeMutableBufferPointer<Float>, frames count: Int, to mono: inout [Float]
  ) throws(AudioError) {
    for frame in 0..<count {
      var sum: Float = 0
      for channel in 0..<channels { sum += block[frame * channels + channel] }
      guard sum.isFinite else {
        throw .notFinite(path: path, seconds: Double(mono.count) / Double(sampleRate))
      }
      mono.append(sum / Float(channels))
    }
  }
}
