import Audio
import Tensor

/// What brings a whole file to mean 0 and variance 1, as layer-norm front ends expect.
struct AudioScale: Sendable {
  var mean: Float
  var reciprocal: Float

  /// One for each file; none changes anything unless `normalizing`.
  static func all(of audio: DecodedAudio, normalizing: Bool) -> [AudioScale] {
    (0..<audio.count).map { file in
      normalizing ? AudioScale(of: audio, file: file) : AudioScale(mean: 0, reciprocal: 1)
    }
  }

  private init(mean: Float, reciprocal: Float) {
    (self.mean, self.reciprocal) = (mean, reciprocal)
  }

  /// `1 / √(variance + 1e-7)`, the constant of `transformers`.
  private init(of audio: DecodedAudio, file: Int) {
    let count = audio.samples(of: file)
    let (block, blocks) = (1 << 20, (count + (1 << 20) - 1) >> 20)
    var (sum, squares) = (0.0, 0.0)
    for i in 0..<blocks {
      let length = min(block, count - i * block)
      let x = Tensor(audio.crop(file: file, start: i * block, length: length))
      sum += Double(x.sum().scalar)
      squares += x.sumOfSquares()
    }
    let mean = sum / Double(count)
    let variance = max(0, squares / Double(count) - mean * mean)
    self.init(mean: Float(mean), reciprocal: Float(1 / (variance + 1e-7).squareRoot()))
  }
}

extension Tensor {
  /// `(x - mean) · reciprocal` in one row of a matrix.
  mutating func scale(row: Int, by scale: AudioScale) {
    guard scale.mean != 0 || scale.reciprocal != 1 else { return }
    let width = shape[1]
    update { x in
      for i in row * width..<(row + 1) * width { x[i] = (x[i] - scale.mean) * scale.reciprocal }
    }
  }
}
