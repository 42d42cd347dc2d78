/// A signal that comes piece by piece, mono at one rate.
public protocol SampleReader {
  /// The next samples; nil at the end.
  mutating func next() throws(AudioError) -> [Float]?
}

/// Reads a whole file as it is decoded and resampled. The pieces together are
/// `AudioFile.decode(_:sampleRate:by:)`.
final class FileReader: SampleReader {
  private let file: AudioFile
  private var reader: MonoReader
  private var stream: any ResamplingStream
  private var (frames, isDone) = (0, false)

  init(_ file: AudioFile, sampleRate: Int, by resampler: Resampler) throws(AudioError) {
    self.file = file
    reader = MonoReader(try SoundHandle(reading: file.path), of: file)
    stream = resampler.stream(from: file.sampleRate, to: sampleRate)
  }

  func next() throws(AudioError) -> [Float]? {
    while !isDone {
      let block = try reader.next(atMost: .max, from: frames)
      frames += block.count
      isDone = block.isEmpty
      if isDone { try file.checkEnd(at: frames) }
      let samples = isDone ? stream.finish() : stream.push(block)
      if !samples.isEmpty { return samples }
    }
    return nil
  }
}

/// Reads a file of a source that has it decoded.
struct CropReader: SampleReader {
  private static let pieceLength = 1 << 18
  let audio: any AudioSource
  let file: Int
  private var position = 0

  init(_ audio: any AudioSource, file: Int) { (self.audio, self.file) = (audio, file) }

  mutating func next() throws(AudioError) -> [Float]? {
    let count = min(Self.pieceLength, audio.samples(of: file) - position)
    guard count > 0 else { return nil }
    defer { position += count }
    return try audio.crop(file: file, start: position, length: count)
  }
}
