/// An audio file whose true length is known, of which any stretch can be had.
public struct MeasuredFile: Sendable {
  /// The file.
  public let file: AudioFile
  /// Frames that can be decoded, at the file's own rate.
  public let length: Int
  /// Whether positions tell the truth. Else stretches are decoded from the file's start.
  private let seeks: Bool

  /// Finds the true length: the header's if decoding from shortly before it ends there, else by decoding
  /// everything.
  /// - Throws: `AudioError` if the file is broken as far as it was decoded.
  public init(_ path: String) throws(AudioError) {
    let file = try AudioFile(path)
    try self.init(file, claimed: file.frames) { (file) throws(AudioError) in try file.count() }
  }

  /// - Parameters:
  ///   - claimed: What the length may be, as far as somebody says.
  ///   - count: Finds it if that is not true.
  init(
    _ file: AudioFile, claimed: Int?, count: (AudioFile) throws(AudioError) -> Int
  ) throws(AudioError) {
    self.file = file
    if let claimed, file.promise.isKept(by: claimed, sampleRate: file.sampleRate),
      file.seeks(within: claimed)
    {
      (length, seeks) = (claimed, true)
    } else {
      length = try count(file)
      seeks = file.seeks(within: length)
    }
  }

  /// The length, seconds.
  public var seconds: Double { Double(length) / Double(file.sampleRate) }

  /// The length at another rate, samples.
  public func count(at rate: Int, by resampler: Resampler = .soxr) -> Int {
    resampler.count(of: length, from: file.sampleRate, to: rate)
  }

  /// A stretch at `rate` Hz, mono, as `AudioFile.samples(in:at:by:length:seeking:)` gives it.
  /// - Throws: `AudioError` if the file has changed and cannot be decoded so far.
  public func samples(
    in range: Range<Int>, at rate: Int, by resampler: Resampler = .soxr
  ) throws(AudioError) -> [Float] {
    try file.samples(in: range, at: rate, by: resampler, length: length, seeking: seeks)
  }
}
