import Tensor

/// The features of a signal that comes piece by piece, five minutes at a time, in memory that its length
/// does not decide.
///
/// ```swift
/// var reader = try FeatureReader(mfcc, of: "symphony.flac")
/// while let frames = try reader.next() { ... }
/// ```
///
/// They are those of the whole signal, to the bit: a block is computed with what its frames see around it
/// (`FrontEnd.reach`). Where blocks begin is told by the front end alone, not by the machine.
public struct FeatureReader {
  private static let blockSeconds = 300.0

  private let frontEnd: any FrontEnd
  private let blockFrames: Int
  private var signal: any SampleReader
  /// What errors name.
  private let path: String
  /// What frames yet to come need of the signal, from frame `first` on.
  private var pending: [Float] = []
  private var first = 0
  /// The next frame.
  private var frame = 0
  private var isEnded = false

  /// Samples taken so far: the signal's length after the last frame.
  public private(set) var samples = 0
  /// How they are silent; nil if there is something to hear.
  public var silence: Silence? { signal.silence }

  /// - Parameters:
  ///   - frontEnd: What computes the features.
  ///   - signal: The samples.
  ///   - path: What errors name.
  ///   - blockFrames: Frames that come at once, rounded up to the front end's grid; five minutes unless given.
  public init(
    _ frontEnd: any FrontEnd, of signal: any SampleReader, path: String = "signal",
    blockFrames: Int? = nil
  ) {
    let wanted = blockFrames ?? Int(Self.blockSeconds * frontEnd.frameRate)
    let grid = frontEnd.reach.grid
    (self.frontEnd, self.signal, self.path) = (frontEnd, signal, path)
    self.blockFrames = max(1, (wanted + grid - 1) / grid) * grid
  }

  /// The features of a file on disk.
  /// - Throws: `AudioError` if it cannot be opened.
  public init(
    _ frontEnd: any FrontEnd, of path: String, by resampler: Resampler = .soxr
  ) throws(AudioError) {
    let file = try AudioFile(path)
    self.init(
      frontEnd, of: try FileReader(file, sampleRate: frontEnd.sampleRate, by: resampler),
      path: path)
  }

  /// The features of one file of a collection.
  /// - Throws: `AudioError` if it cannot be opened.
  /// - Traps when: the collection has another sample rate than the front end.
  public init(_ frontEnd: any FrontEnd, of audio: any AudioSource, file: Int) throws(AudioError) {
    precondition(
      audio.sampleRate == frontEnd.sampleRate,
      "FeatureReader: audio of \(audio.sampleRate) Hz for a front end of \(frontEnd.sampleRate) Hz")
    self.init(frontEnd, of: try audio.reader(file: file), path: audio.files[file].path)
  }

  /// The next frames, `[frames, width]`; nil after the last.
  /// - Throws: `AudioError` if the rest of the signal cannot be decoded, or a feature is NaN or infinite.
  public mutating func next() throws(AudioError) -> Tensor? {
    let block = frame..<frame + blockFrames
    try read(until: (frontEnd.reach.stretch(for: block).upperBound - first) * frontEnd.hopLength)
    let all = first + frontEnd.frameCount(samples: pending.count)
    let frames = isEnded ? frame..<min(block.upperBound, all) : block
    guard !frames.isEmpty else { return nil }
    let features = features(of: frames)
    try frontEnd.checkFinite(features, of: path, from: frames.lowerBound)
    return features
  }

  /// Takes samples until there are so many, or no more.
  private mutating func read(until count: Int) throws(AudioError) {
    pending.reserveCapacity(count + 1 << 18)
    while !isEnded, pending.count < count {
      guard let piece = try signal.next() else {
        isEnded = true
        return
      }
      samples += piece.count
      pending += piece
    }
  }

  private mutating func features(of frames: Range<Int>) -> Tensor {
    let (hop, reach) = (frontEnd.hopLength, frontEnd.reach)
    let end = min(pending.count, (reach.stretch(for: frames).upperBound - first) * hop)
    let features = frontEnd(pending[..<end])
    let rows = frames.lowerBound - first..<frames.upperBound - first
    frame = frames.upperBound
    let dropped = reach.stretch(for: frame..<frame).lowerBound - first
    pending.removeFirst(min(pending.count, dropped * hop))
    first += dropped
    return rows == 0..<features.shape[0] ? features : features.sliced(axis: 0, rows)
  }
}
