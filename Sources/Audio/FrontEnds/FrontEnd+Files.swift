import Tensor

extension FrontEnd {
  /// The features of a whole file of a collection, `[frames, width]`, computed block by block.
  /// - Throws: `AudioError` if the file can no longer be decoded, or a feature is NaN or infinite.
  /// - Traps when: the sample rates of the collection and the front end differ.
  public func features(of audio: any AudioSource, file: Int) throws -> Tensor {
    var reader = try FeatureReader(self, of: audio, file: file)
    let frames = frameCount(samples: audio.samples(of: file))
    return try Tensor(shape: [frames, width]) { (all: UnsafeMutableBufferPointer<Float>) in
      var end = 0
      while let block = try reader.next(), end + block.elementCount <= all.count {
        block.read { _ = all[end...].update(fromContentsOf: $0) }
        end += block.elementCount
      }
      guard reader.samples == audio.samples(of: file) else {
        throw AudioError.truncated(
          path: audio.files[file].path, decoded: reader.samples,
          promised: audio.samples(of: file))
      }
    }
  }

  /// A range of frames of a file. Only the samples on which they depend are decoded.
  ///
  /// The frames equal those of the whole file, to the bit if the file has the front end's sample
  /// rate. Resampled samples differ by up to 1e-6 of full scale
  /// (`AudioFile.samples(in:at:by:length:seeking:)`).
  /// - Throws: `AudioError` if the file can no longer be decoded, or a feature is NaN or infinite.
  /// - Traps when: `frames` is not within the file.
  public func features(
    of file: MeasuredFile, frames: Range<Int>, by resampler: Resampler = .soxr
  ) throws(AudioError) -> Tensor {
    let samples = file.count(at: sampleRate, by: resampler)
    let all = frameCount(samples: samples)
    precondition(
      0 <= frames.lowerBound && frames.upperBound <= all,
      "\(Self.self): frames \(frames) of '\(file.file.path)', which has \(all)")
    let stretch = reach.stretch(for: frames)
    let first = stretch.lowerBound
    let end = max(first * hopLength, min(samples, stretch.upperBound * hopLength))
    let features = self(
      try file.samples(in: first * hopLength..<end, at: sampleRate, by: resampler))
    let wanted = features.sliced(axis: 0, frames.lowerBound - first..<frames.upperBound - first)
    try checkFinite(wanted, of: file.file.path, from: frames.lowerBound)
    return wanted
  }

  /// Checks that the features of a file from frame `first` on are finite.
  /// - Throws: `AudioError.featuresNotFinite`.
  func checkFinite(_ features: Tensor, of path: String, from first: Int) throws(AudioError) {
    guard let place = features.firstNonFinite else { return }
    let (frame, channel) = (first + place / width, place % width)
    throw .featuresNotFinite(
      path: path, seconds: Double(frame * hopLength) / Double(sampleRate), channel: channel)
  }
}
