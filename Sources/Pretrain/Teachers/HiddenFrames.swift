import Audio
import Models
import Tensor

/// What leaves one layer of a model: what HuBERT's second iteration clusters.
///
/// A file of up to 30 s is encoded as a whole; a longer one in the fewest windows of equal length no
/// longer than that, which share at least 2 s, as in `Encoder.stackedHiddenStates`. The layers
/// above are not computed, and no final norm is, unless the last layer of a `MelEncoder` is read,
/// whose states are those after its norm.
///
/// Source: fairseq `simple_kmeans/dump_hubert_feature.py`, which encodes 1.6 million samples at a time
/// (100 s) that share nothing.
public struct HiddenFrames: TeacherFrames {
  private let encoder: any Encoder
  private let layer: Int
  private let precision: Precision
  private let resampler: Resampler

  /// - Parameters:
  ///   - encoder: The model.
  ///   - layer: From 1: what leaves this layer; 0: what enters the first.
  ///   - precision: What the model computes in.
  ///   - resampler: What brings audio to the model's rate if it has another.
  /// - Throws: `ModelError.setting` if there is no such layer.
  public init(
    _ encoder: any Encoder, layer: Int, precision: Precision = .fp32, resampler: Resampler = .soxr
  ) throws(ModelError) {
    guard (0...encoder.config.layers).contains(layer) else {
      throw .setting("layer", problem: "\(layer) is not one of 0...\(encoder.config.layers)")
    }
    (self.encoder, self.layer) = (encoder, layer)
    (self.precision, self.resampler) = (precision, resampler)
  }

  /// Frames per second, those of the model.
  public var frameRate: Double { encoder.config.frameRate }

  /// The hidden states of the whole file, `[frames, width]`.
  /// - Throws: `ModelError.file` if they are not finite.
  public func frames(of file: Int, in audio: any AudioSource) throws -> Tensor {
    let samples = resampler.resample(
      try audio.crop(file: file, start: 0, length: audio.samples(of: file)),
      from: audio.sampleRate, to: encoder.config.sampleRate)
    guard encoder.config.frameCount(samples: samples.count) > 0 else {
      return .zeros([0, encoder.config.width])
    }
    do {
      let states = try encoder.stackedHiddenStates(
        of: samples, layers: [layer], precision: precision)
      try encoder.checkFinite(states, layers: [layer])
      return states.reshaped([states.shape[1], states.shape[2]])
    } catch ModelError.waveform(let problem) {
      throw ModelError.file(audio.files[file].path, problem: problem)
    }
  }
}
