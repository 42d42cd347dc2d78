/// Reads an open file block by block and averages its channels.
struct MonoReader: ~Copyable {
  private static let blockFrames = 16_384

  private let handle: SoundHandle
  private let file: AudioFile
  private let interleaved: UnsafeMutableBufferPointer<Float>

  init(_ handle: consuming SoundHandle, of file: AudioFile) {
    self.handle = handle
    self.file = file
    interleaved = .allocate(capacity: Self.blockFrames * file.channels)
  }

  deinit { interleaved.deallocate() }

  /// The next frames; none at the end.
  ///
  /// - Parameter position: Where they lie in the file, for messages.
  /// - Throws: `AudioError.corrupt` or `.notFinite`.
  mutating func next(atMost limit: Int, from position: Int) throws(AudioError) -> [Float] {
    let wanted = min(Self.blockFrames, limit) * file.channels
    let count = handle.read(into: UnsafeMutableBufferPointer(rebasing: interleaved[..<wanted]))
    // A decoder that goes on after a complaint has found its place again.
    if count == 0, let complaint = handle.complaint {
      throw .corrupt(path: file.path, reason: complaint)
    }
    let mono = averaged(frames: count)
    if let frame = mono.firstIndex(where: { !$0.isFinite }) {
      let seconds = Double(position + frame) / Double(file.sampleRate)
      throw .notFinite(path: file.path, seconds: seconds)
    }
    return mono
  }

  private func averaged(frames: Int) -> [Float] {
    let channels = file.channels
    return [Float](unsafeUninitializedCapacity: frames) { mono, count in
      for frame in 0..<frames {
        var sum: Float = 0
        for channel in 0..<channels { sum += interleaved[frame * channels + channel] }
        mono[frame] = sum / Float(channels)
      }
      count = frames
    }
  }
}
