import Tensor

/// Computes the features of a signal block by block, five minutes at a time, so that memory does
/// not grow with the length of the signal.
///
/// ```swift
/// var reader = try FeatureReader(mfcc, of: "symphony.flac")
/// while let frames = try reader.next() { ... }
/// ```
///
/// The frames equal those of the whole signal, to the bit: a block is computed together with the
/// samples around it on which its frames depend (`FrontEnd.reach`). The block boundaries depend on
/// the front end alone, not on the machine.
public struct FeatureReader {
  private static let blockSeconds = 300.0

  private let frontEnd: any FrontEnd
  private let blockFrames: Int
  private var signal: any SampleReader
  /// The path for error messages.
  private let path: String
  /// The samples that later frames depend on, from the start of frame `first` on.
  private var pending: [Float] = []
  private var first = 0
  /// The next frame.
  private var frame = 0
  private var isEnded = false

  /// The number of samples read so far; after the last frame, the length of the signal.
  public private(set) var samples = 0
  /// The kind of silence of the samples read; nil if they are not silent.
  public var silence: Silence? { signal.silence }

  /// - Parameters:
  ///   - frontEnd: Computes the features.
  ///   - signal: The samples.
  ///   - path: The path for error messages.
  ///   - blockFrames: The frames of a block, rounded up to the front end's grid; five minutes if
  ///     nil.
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
      frontEnd, of: try AudioStream(file, sampleRate: frontEnd.sampleRate, by: resampler),
      path: path)
  }

  /// The features of one file of a collection.
  /// - Throws: `AudioError` if it cannot be opened.
  /// - Traps when: the sample rates of the collection and the front end differ.
  public init(_ frontEnd: any FrontEnd, of audio: any AudioSource, file: Int) throws(AudioError) {
    precondition(
      audio.sampleRate == frontEnd.sampleRate,
      "FeatureReader: audio of \(audio.sampleRate) Hz for a front end of \(frontEnd.sampleRate) Hz")
    self.init(frontEnd, of: try audio.reader(file: file), path: audio.files[file].path)
  }

  /// The next block of frames, `[frames, width]`; nil after the last.
  /// - Throws: `AudioError` if the rest of the signal cannot be decoded, or a feature is NaN or
  ///   infinite.
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

  /// Reads until `count` samples are pending or the signal ends.
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
