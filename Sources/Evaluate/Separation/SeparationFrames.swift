import Audio
import Tensor

/// What mask networks see of audio: magnitudes, and the frames of a model at the same rate.
///
/// Audio has 24 kHz; the transform has 2048 samples, a step of 320 (75 frames a second), reflection at the ends. A
/// model hears the mean of the two channels at its own rate; its frame that is nearest in time stands at each frame of
/// the transform, so that models of any frame rate can be scored.
struct SeparationFrames: Sendable {
  /// Samples a second.
  static let sampleRate = 24_000
  /// The longest piece that a model hears at once, seconds.
  private static let pieceSeconds = 90.0
  /// The shortest that a model hears, seconds.
  static let leastSeconds = 0.5
  let transform = STFT(fftLength: 2048, hopLength: 320, padding: .reflection)
  let embedder: Embedder

  /// The length of a frame: of hand-made features half a vector, since one frame has no deviation.
  var width: Int { embedder.pooling == .mean ? embedder.width : embedder.width / 2 }

  /// The magnitudes of a stereo signal, the mean of both channels, `[frames, bins]`.
  func magnitudes(_ channels: [[Float]]) -> Tensor {
    (transform.magnitude(channels[0]) + transform.magnitude(channels[1])) * 0.5
  }

  /// The frames of each layer, `[frames, D]`, at the frames of the transform.
  /// - Throws: What the model throws.
  func states(of channels: [[Float]]) throws -> [Tensor] {
    let mono = zip(channels[0], channels[1]).map { ($0 + $1) / 2 }
    let heard = Resampler.soxr.resample(mono, from: Self.sampleRate, to: embedder.sampleRate)
    let size = Int(Self.pieceSeconds * Double(embedder.sampleRate))
    let pieces = try stride(from: 0, to: heard.count, by: size).compactMap { start in
      try piece(Array(heard[start..<min(start + size, heard.count)]))
    }
    let times = transform.frames(mono.count)
    return (0..<embedder.layers).map { layer in
      nearest(.concatenated(pieces.map { $0[layer] }, axis: 0), count: times)
    }
  }

  /// Nil for an end that is too short for one frame.
  private func piece(_ samples: [Float]) throws -> [Tensor]? {
    let least = Int(Self.leastSeconds * Double(embedder.sampleRate))
    guard samples.count >= least else { return nil }
    return try embedder.frames(embedder.prepare(samples)).map { $0.detached() }
  }

  private func nearest(_ states: Tensor, count: Int) -> Tensor {
    let (known, width) = (states.shape[0], states.shape[1])
    let step = embedder.frameRate * Double(transform.hopLength) / Double(Self.sampleRate)
    var result = Tensor.unset([count, width])
    states.read { source in
      result.update { target in
        for frame in 0..<count {
          let near = min(Int((Double(frame) * step).rounded()), known - 1)
          (target.baseAddress! + frame * width).update(
            from: source.baseAddress! + near * width, count: width)
        }
      }
    }
    return result
  }
}
