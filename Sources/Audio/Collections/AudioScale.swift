import Tensor

/// What brings a whole file to mean 0 and variance 1, as layer-norm front ends expect.
public struct AudioScale: Sendable, Equatable {
  /// The mean of the file.
  package private(set) var mean: Float
  /// One over its standard deviation.
  package private(set) var reciprocal: Float

  /// One for each file; none changes anything unless `normalizing`.
  /// - Throws: `AudioError` if a file cannot be decoded.
  package static func all(
    of audio: any AudioSource, normalizing: Bool
  ) throws(AudioError) -> [AudioScale] {
    guard normalizing else {
      return Array(repeating: AudioScale(mean: 0, reciprocal: 1), count: audio.count)
    }
    let scales = Cores.map(audio.count) { file in
      Result { () throws(AudioError) in try audio.scale(of: file) }
    }
    var result: [AudioScale] = []
    for scale in scales { result.append(try scale.get()) }
    return result
  }

  package init(mean: Float, reciprocal: Float) {
    (self.mean, self.reciprocal) = (mean, reciprocal)
  }

  /// `1 / √(variance + 1e-7)`, the constant of `transformers`.
  init(of audio: any AudioSource, file: Int) throws(AudioError) {
    let count = audio.samples(of: file)
    var sums = Sums()
    for start in stride(from: 0, to: count, by: Sums.block) {
      let length = min(Sums.block, count - start)
      sums.add(try audio.crop(file: file, start: start, length: length))
    }
    self = sums.scale
  }

  /// The sums of a file that is read in order. Samples are added in blocks of a fixed length, so that the result has
  /// the same bits however the file is cut into pieces.
  struct Sums {
    /// The samples of a block.
    static let block = 1 << 20
    private var (pending, count): ([Float], Int) = ([], 0)
    private var (sum, squares) = (0.0, 0.0)

    /// Adds the next samples.
    mutating func add(_ samples: [Float]) {
      pending += samples
      while pending.count >= Self.block { flush(Self.block) }
    }

    private mutating func flush(_ length: Int) {
      let x = Tensor(Array(pending.prefix(length)))
      sum += Double(x.sum().scalar)
      squares += x.sumOfSquares()
      count += length
      pending.removeFirst(length)
    }

    /// The scale of all samples so far.
    var scale: AudioScale {
      mutating get {
        if !pending.isEmpty { flush(pending.count) }
        let mean = sum / Double(count)
        let variance = max(0, squares / Double(count) - mean * mean)
        return AudioScale(
          mean: Float(mean), reciprocal: Float(1 / (variance + 1e-7).squareRoot()))
      }
    }
  }

  /// `(x - mean) · reciprocal`
  package func apply(to samples: inout [Float]) {
    samples.withUnsafeMutableBufferPointer { apply(to: $0) }
  }

  /// The same, in place.
  func apply(to samples: UnsafeMutableBufferPointer<Float>) {
    guard mean != 0 || reciprocal != 1 else { return }
    for i in samples.indices { samples[i] = (samples[i] - mean) * reciprocal }
  }
}
