import Tensor

/// What a model gets in place of masked frames. Noise is drawn from a stream for each row.
public enum MaskFilling: Sendable {
  /// The encoder's mask embedding, in place of the frames that enter the layers.
  case embedding
  /// Normal noise in place of samples.
  case waveformNoise(deviation: Float, [RandomStream])
  /// Normal noise in place of what the encoder's `features` are.
  case frameNoise(deviation: Float, [RandomStream])
  /// Features from other places of the row.
  case shuffledFrames([RandomStream])

  /// Whether the encoder's mask embedding stands for masked frames.
  public var isEmbedding: Bool { if case .embedding = self { true } else { false } }
}

extension MaskedFrames {
  /// Crops `[B, L]` with their masked samples filled, those of frame `t` from `t · stride` on; nil if samples are not
  /// what is masked.
  func filled(waveform: Tensor, stride: Int) -> Tensor? {
    guard case .waveformNoise(let deviation, let streams) = filling else { return nil }
    return waveform.reshaped([waveform.shape[0], waveform.shape[1], 1])
      .withNoise(deviation, at: indices, unit: stride, streams).reshaped(waveform.shape)
  }

  /// Features `[B, T', W]` with their masked rows filled, of which a frame of the encoder has `unit`; nil if features are
  /// not what is masked.
  func filled(features: Tensor, unit: Int) -> Tensor? {
    switch filling {
    case .embedding, .waveformNoise: nil
    case .frameNoise(let deviation, let streams):
      features.withNoise(deviation, at: indices, unit: unit, streams)
    case .shuffledFrames(let streams):
      features.shuffled(at: indices, of: frames, unit: unit, streams)
    }
  }
}

extension Tensor {
  /// This `[B, T', W]` with noise in place of the rows of some frames, which have `unit` rows each.
  fileprivate func withNoise(
    _ deviation: Float, at frames: [[Int]], unit: Int, _ streams: [RandomStream]
  ) -> Tensor {
    let (rows, width) = (shape[1], shape[2])
    var kept = Tensor.ones([shape[0], rows, 1])
    var noise = Tensor.zeros(shape)
    for (row, frames) in frames.enumerated() {
      let places = frames.flatMap { $0 * unit..<Swift.min(($0 + 1) * unit, rows) }
      var stream = streams[row]
      let drawn = Tensor.normal(
        [places.count, width], standardDeviation: deviation, using: &stream)
      kept.update { kept in for place in places { kept[row * rows + place] = 0 } }
      drawn.read { drawn in
        noise.update { noise in
          for (number, place) in places.enumerated() {
            for d in 0..<width {
              noise[(row * rows + place) * width + d] = drawn[number * width + d]
            }
          }
        }
      }
    }
    return self * kept.cast(to: dtype) + noise.cast(to: dtype)
  }

  /// This `[B, T', W]` with the rows of some frames replaced by those of other frames: of frame `t` by those of `p_t`,
  /// where `p` is a random order of all frames.
  fileprivate func shuffled(
    at masked: [[Int]], of frames: Int, unit: Int, _ streams: [RandomStream]
  ) -> Tensor {
    let (batch, rows, width) = (shape[0], shape[1], shape[2])
    var sources = Array(0..<batch * rows)
    for (row, masked) in masked.enumerated() {
      var stream = streams[row]
      let order = (0..<frames).sampled(frames, using: &stream)
      for frame in masked {
        for i in 0..<unit where Swift.max(frame, order[frame]) * unit + i < rows {
          sources[row * rows + frame * unit + i] = row * rows + order[frame] * unit + i
        }
      }
    }
    return reshaped([batch * rows, width]).gatheringRows(sources).reshaped(shape)
  }
}
