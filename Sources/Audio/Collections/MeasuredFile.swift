/// An audio file whose true length is known, with random access.
public struct MeasuredFile: Sendable {
  /// The file.
  public let file: AudioFile
  /// The number of frames that can be decoded, at the file's own rate.
  public let length: Int
  /// Whether seeking is exact. If not, ranges are decoded from the start of the file.
  let seeks: Bool

  /// Determines the true length. The length in the header is accepted if decoding from shortly
  /// before the end gives the same; else the whole file is decoded.
  /// - Throws: `AudioError` if the decoded part is damaged.
  public init(_ path: String) throws(AudioError) {
    let file = try AudioFile(path)
    try self.init(file, claimed: file.frames) { (file) throws(AudioError) in try file.count() }
  }

  /// - Parameters:
  ///   - claimed: The length according to a header or a manifest; nil if unknown.
  ///   - count: Determines the length if `claimed` is nil or wrong.
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

  /// The length in seconds.
  public var seconds: Double { Double(length) / Double(file.sampleRate) }

  /// The length in samples at another rate.
  public func count(at rate: Int, by resampler: Resampler = .soxr) -> Int {
    resampler.count(of: length, from: file.sampleRate, to: rate)
  }

  /// The samples of a range at `rate` Hz, mono, as `AudioFile.samples(in:at:by:length:seeking:)`.
  /// - Throws: `AudioError` if the file has changed and can no longer be decoded.
  public func samples(
    in range: Range<Int>, at rate: Int, by resampler: Resampler = .soxr
  ) throws(AudioError) -> [Float] {
    try file.samples(in: range, at: rate, by: resampler, length: length, seeking: seeks)
  }
}
