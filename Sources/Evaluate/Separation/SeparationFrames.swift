import Audio
import Tensor

/// What mask networks see of audio: magnitudes, and the frames of a model at the same rate.
///
/// Audio has 24 kHz; the transform has 2048 samples, a step of 320 (75 frames a second), reflection at the ends. A
/// model hears the mean of the two channels at its own rate; its frame that is nearest in time stands at each frame of
/// the transform, so that models of any frame rate can be scored.
package struct SeparationFrames: Sendable {
  /// Samples a second.
  static let sampleRate = 24_000
  /// The shortest song that a model hears, seconds.
  static let leastSeconds = 1.0
  let transform = STFT(fftLength: 2048, hopLength: 320, padding: .reflection)
  let embedder: Embedder

  /// What networks see along with this embedder's frames.
  package init(embedder: Embedder) { self.embedder = embedder }

  /// The length of a frame: of hand-made features half a vector, since one frame has no deviation.
  var width: Int { embedder.pooling == .mean ? embedder.width : embedder.width / 2 }

  /// The magnitudes of a stereo signal, the mean of both channels, `[frames, bins]`.
  func magnitudes(_ channels: [[Float]]) -> Tensor {
    (transform.magnitude(channels[0]) + transform.magnitude(channels[1])) * 0.5
  }

  /// The frames of each layer, `[frames, D]`, at the frames of the transform.
  ///
  /// A song is one signal to the model, normalised as a whole where the model wants that, as in MARBLE. A long one passes
  /// it in windows that overlap, see `EncoderWindows`, so that its frames stay a hop apart from the first to the last.
  /// - Throws: What the model throws.
  package func states(of channels: [[Float]]) throws -> [Tensor] {
    let mono = zip(channels[0], channels[1]).map { ($0 + $1) / 2 }
    let heard = Resampler.soxr.resample(mono, from: Self.sampleRate, to: embedder.sampleRate)
    let count = transform.frames(mono.count)
    return try embedder.frames(embedder.prepare(heard)).map { nearest($0, count: count) }
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
