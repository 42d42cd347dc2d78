import Models
import Pretrain
import Tensor
import TestSupport

extension AudioEncoder.Config {
  /// Two layers of twelve channels, a frame every 10 samples, nothing dropped.
  static var tiny: AudioEncoder.Config {
    var config = AudioEncoder.Config()
    config.frontEnd.channels = [6, 5]
    config.frontEnd.kernels = [10, 3]
    config.frontEnd.strides = [5, 2]
    (config.width, config.layers, config.heads, config.feedForwardWidth) = (12, 2, 3, 20)
    (config.position.kernel, config.position.groups) = (8, 4)
    (config.inputDropout, config.dropout, config.attentionDropout, config.layerDrop) = (0, 0, 0, 0)
    return config
  }
}

extension AudioEncoder {
  /// A random encoder, the same for the same seed.
  ///
  /// No parameter is left at 1 or 0, where a norm or a bias begins and many mistakes do not show.
  static func random(_ config: Config, seed: UInt64 = 1) throws -> AudioEncoder {
    var generator = RandomStream(seed: seed, purpose: .initialisation)
    var encoder = try AudioEncoder(config, using: &generator)
    encoder.update { _, parameter in
      parameter =
        parameter + .normal(parameter.shape, standardDeviation: 0.1, using: &generator)
    }
    return encoder
  }
}

/// A model of every part of an objective with a batch for it.
struct TinyPretraining {
  var encoder = AudioEncoder.Config.tiny
  var objective = Objective()
  /// Codes of the label sets.
  var codebooks: [Int] = []
  let frames = 19
  let masked: MaskedFrames

  init(_ edit: (inout TinyPretraining) -> Void) {
    masked = MaskedFrames(frames: frames, indices: [[1, 2, 3, 9, 10], [0, 4, 5, 6, 17]])
    edit(&self)
  }

  func model(seed: UInt64 = 1) throws -> PretrainingModel {
    var generator = RandomStream(seed: seed, purpose: .initialisation)
    var model = PretrainingModel(
      encoder: try AudioEncoder(encoder, using: &generator), objective: objective,
      codebooks: codebooks, using: &generator)
    model.trackGradients()
    return model
  }

  /// What trains the model, by spans of two masked frames.
  func learner() throws -> MaskedPretraining {
    try MaskedPretraining(
      .init(
        objective: objective, mask: MaskSetting(.init(probability: 0.4, spanFrames: 2)),
        codebooks: codebooks, frames: frames, seed: 1),
      model: model())
  }

  var batch: Batch {
    let codes = codebooks.indices.map { set in
      (0..<2 * frames).map { Int32(($0 * 7 + set) % codebooks[set]) }
    }
    return Batch(
      audio: .normal([2, 205], seed: 3), samples: [0, 1], codes: codes,
      targets: objective.cqt.map { ["cqt": .normal([2, frames, $0.bins], seed: 4)] } ?? [:])
  }

  func loss(
    _ model: PretrainingModel, _ batch: Batch? = nil, hearing audio: Tensor? = nil,
    teacher: EMATeacher? = nil, in pass: ForwardPass = .evaluating()
  ) throws -> Loss {
    try model.loss(
      batch ?? self.batch, hearing: audio, masked: masked, teacher: teacher, in: pass)
  }
}
