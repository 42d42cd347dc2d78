import Tensor

extension FrontEnd {
  /// Calls `take` with the features of a file, `[frames, width]`, five minutes at a time.
  ///
  /// - Returns: The number of samples at `sampleRate`.
  /// - Throws: `AudioError` if the file is damaged, silent, or too short for one frame; the blocks
  ///   before the error are passed to `take` first. Also the errors of `take`.
  @discardableResult
  public func forEachBlock(
    ofFile path: String, _ take: (_ block: Tensor) throws -> Void
  ) throws -> Int {
    var (reader, frames) = (try FeatureReader(self, of: path), 0)
    while let block = try reader.next() {
      try take(block)
      frames += block.shape[0]
    }
    if let silence = reader.silence { throw AudioError.silent(path: path, silence) }
    guard frames > 0 else {
      let rate = Double(sampleRate)
      throw AudioError.tooShort(
        path: path, seconds: Double(reader.samples) / rate, minimum: Double(hopLength) / rate)
    }
    return reader.samples
  }

  /// The features of a file, `[frames, width]`, and the number of its samples at `sampleRate`.
  ///
  /// - Throws: As `forEachBlock`.
  public func features(ofFile path: String) throws -> (features: Tensor, samples: Int) {
    var blocks: [Tensor] = []
    let samples = try forEachBlock(ofFile: path) { blocks.append($0) }
    return (blocks.count == 1 ? blocks[0] : .concatenated(blocks, axis: 0), samples)
  }
}
