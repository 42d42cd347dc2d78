import Tensor

/// The front end without gradients: a stretch of frames after the other, so that what lies
/// between two convolutions stays in cache, and the first one's result, two hundred times as large as the
/// waveform, is never there as a whole.
extension ConvFeatureExtractor {
  /// Frames of a stretch: few enough for the cache, and enough that the samples two stretches share
  /// cost little.
  private static let stretchFrames = 32

  /// Whether nothing has to be kept, and every norm is known before the frames are.
  func canStream(_ waveform: Tensor) -> Bool {
    let window = layers[0].weight.shape[1] * layers[0].weight.shape[2]
    return !waveform.isTracked && !parameters.contains { $0.tensor.isTracked }
      && (window <= 32 || layers[0].timeNorm == nil)
      && layers.dropFirst().allSatisfy { $0.timeNorm == nil }
  }

  /// - Parameter waveform: `[B, samples]`
  /// - Returns: `[B, T, C]`
  func streamed(_ waveform: Tensor, precision: Precision) -> Tensor {
    let (batch, samples) = (waveform.shape[0], waveform.shape[1])
    let rows = (0..<batch).map { row in
      streamed(
        row: waveform.sliced(axis: 0, row..<row + 1).reshaped([1, samples, 1]),
        precision: precision)
    }
    return batch == 1 ? rows[0] : .concatenated(rows, axis: 0)
  }

  private func streamed(row: Tensor, precision: Precision) -> Tensor {
    let layers = layersFoldingTimeNorm(into: row)
    let frames = layers.reduce(row.shape[1]) { ($0 - $1.kernel) / $1.stride + 1 }
    let count = max(1, frames / Self.stretchFrames)
    let stride = layers.reduce(1) { $0 * $1.stride }
    var stretches = [Tensor?](repeating: nil, count: count)
    stretches.withUnsafeMutableBufferPointer { stretches in
      Cores.forEach(count) { i in
        let (first, end) = (frames * i / count, frames * (i + 1) / count)
        let length = layers.reversed().reduce(end - first) { ($0 - 1) * $1.stride + $1.kernel }
        let part = row.sliced(axis: 1, first * stride..<first * stride + length)
        stretches[i] = layers.reduce(part) { $1($0, precision: precision) }
      }
    }
    return .concatenated(stretches.compactMap(\.self), axis: 1)
  }

  /// The layers for this waveform, `[1, samples, 1]`.
  private func layersFoldingTimeNorm(into waveform: Tensor) -> [Layer] {
    guard let norm = layers[0].timeNorm else { return layers }
    var folded = layers
    (folded[0].weight, folded[0].bias) = waveform.convolutionNormalizedOverTime(
      weight: layers[0].weight, stride: layers[0].stride, scale: norm.weight, shift: norm.bias)
    folded[0].timeNorm = nil
    return folded
  }
}

extension ConvFeatureExtractor.Layer {
  fileprivate var kernel: Int { weight.shape[1] }
}
