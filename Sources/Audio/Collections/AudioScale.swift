import Tensor

/// What brings a whole file to mean 0 and variance 1, as layer-norm front ends expect.
package struct AudioScale: Sendable {
  private var mean: Float
  private var reciprocal: Float

  /// One for each file; none changes anything unless `normalizing`.
  /// - Throws: `AudioError` if a file cannot be decoded.
  package static func all(
    of audio: any AudioSource, normalizing: Bool
  ) throws(AudioError) -> [AudioScale] {
    guard normalizing else {
      return Array(repeating: AudioScale(mean: 0, reciprocal: 1), count: audio.count)
    }
    let scales = Cores.map(audio.count) { file in
      Result { () throws(AudioError) in try AudioScale(of: audio, file: file) }
    }
    var result: [AudioScale] = []
    for scale in scales { result.append(try scale.get()) }
    return result
  }

  private init(mean: Float, reciprocal: Float) {
    (self.mean, self.reciprocal) = (mean, reciprocal)
  }

  /// `1 / √(variance + 1e-7)`, the constant of `transformers`.
  init(of audio: any AudioSource, file: Int) throws(AudioError) {
    let count = audio.samples(of: file)
    let (block, blocks) = (1 << 20, (count + (1 << 20) - 1) >> 20)
    var (sum, squares) = (0.0, 0.0)
    for i in 0..<blocks {
      let length = min(block, count - i * block)
      let x = Tensor(try audio.crop(file: file, start: i * block, length: length))
      sum += Double(x.sum().scalar)
      squares += x.sumOfSquares()
    }
    let mean = sum / Double(count)
    let variance = max(0, squares / Double(count) - mean * mean)
    self.init(mean: Float(mean), reciprocal: Float(1 / (variance + 1e-7).squareRoot()))
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
