extension AudioFile {
  /// Two channels of a part of the file: those of a stereo file, of others the mean of all twice.
  ///
  /// - Parameters:
  ///   - start: The first frame, at the file's own rate.
  ///   - count: How many frames; all to the end if nil. Fewer come at the end of the file.
  ///   - sampleRate: Samples a second of the result.
  ///   - resampler: Resamples a file of another rate.
  /// - Returns: Left and right.
  /// - Throws: The errors of `samples()`; `AudioError.corrupt` if the file cannot be read from there.
  public func stereo(
    from start: Int = 0, count: Int? = nil, sampleRate: Int, by resampler: Resampler = .soxr
  ) throws(AudioError) -> [[Float]] {
    var reader = try MonoReader(self, as: .stereo)
    guard reader.seek(to: start) else {
      throw .corrupt(path: path, reason: "cannot be read from frame \(start)")
    }
    var samples: [Float] = []
    while count.map({ reader.position - start < $0 }) ?? true {
      let block = try reader.next(atMost: count.map { $0 - (reader.position - start) } ?? .max)
      if block.isEmpty { break }
      samples += block
    }
    return (0..<2).map { channel in
      let own = stride(from: channel, to: samples.count, by: 2).map { samples[$0] }
      return resampler.resample(own, from: self.sampleRate, to: sampleRate)
    }
  }
}
