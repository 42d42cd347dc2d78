/// Reads a mono signal of one sample rate in pieces.
public protocol SampleReader {
  /// The next samples; nil at the end.
  mutating func next() throws(AudioError) -> [Float]?
  /// The kind of silence of the samples read so far; nil if they are not silent.
  var silence: Silence? { get }
}

/// Reads a file of an audio source crop by crop.
struct CropReader: SampleReader {
  private static let pieceLength = 1 << 18
  let audio: any AudioSource
  let file: Int
  private var position = 0
  private var peak: Float = 0

  init(_ audio: any AudioSource, file: Int) { (self.audio, self.file) = (audio, file) }

  var silence: Silence? { peak < AudioFile.silence ? .throughout : nil }

  mutating func next() throws(AudioError) -> [Float]? {
    let count = min(Self.pieceLength, audio.samples(of: file) - position)
    guard count > 0 else { return nil }
    let samples = try audio.crop(file: file, start: position, length: count)
    position += count
    peak = samples.reduce(peak) { max($0, abs($1)) }
    return samples
  }
}
