import Models
import Pretrain
import Tensor
import TestSupport
import Testing

/// A tiny pre-training that Golden/objectives.py computed in double precision.
struct ObjectiveGolden: Sendable, CustomTestStringConvertible {
  static let all = [hubert, tied, mert, data2vec, audioset]

  let name: String
  let encoder: AudioEncoder.Config
  let objective: Objective
  let codebooks: [Int]
  let ema: EMATeacher.Config?

  var testDescription: String { name }

  private static func encoder(_ edit: (inout AudioEncoder.Config) -> Void) -> AudioEncoder.Config {
    var config = AudioEncoder.Config()
    config.frontEnd.channels = [6, 5, 7]
    config.frontEnd.kernels = [10, 3, 2]
    config.frontEnd.strides = [5, 2, 2]
    (config.width, config.layers, config.heads, config.feedForwardWidth) = (12, 2, 3, 20)
    (config.position.kernel, config.position.groups) = (8, 4)
    edit(&config)
    return config
  }

  private static var codes: CodePrediction.Config {
    var config = CodePrediction.Config()
    config.width = 4
    return config
  }

  /// HuBERT base with two label sets, its loss mixed with that of the frames it hears.
  static var hubert: ObjectiveGolden {
    var objective = Objective()
    (objective.codes, objective.featurePenalty) = (codes, 10)
    (objective.maskedWeight, objective.unmaskedWeight) = (1.5, 0.4)
    return ObjectiveGolden(
      name: "hubert", encoder: encoder { _ in }, objective: objective, codebooks: [5, 7], ema: nil)
  }

  /// One projection for both label sets, and fairseq's four symbols before their codes.
  static var tied: ObjectiveGolden {
    var objective = Objective()
    objective.codes = codes
    (objective.codes!.tied, objective.codes!.specialSymbols) = (true, 4)
    let encoder = encoder { ($0.layers, $0.frontEnd.gradientScale) = (1, 1) }
    return ObjectiveGolden(
      name: "tied", encoder: encoder, objective: objective, codebooks: [5, 7], ema: nil)
  }

  /// The hybrid of MERT-330M: pre-norm layers over a group-normed front end; noise in what it hears.
  static var mert: ObjectiveGolden {
    var objective = Objective()
    (objective.codes, objective.featurePenalty) = (codes, 10)
    objective.cqt = SpectrumPrediction.Config()
    objective.cqt!.bins = 9
    let encoder = encoder {
      ($0.normOrder, $0.frontEnd.gradientScale) = (.pre, 0.3)
    }
    return ObjectiveGolden(
      name: "mert", encoder: encoder, objective: objective, codebooks: [6, 6, 6], ema: nil)
  }

  /// Two of three layers taught, the teacher following fast.
  static var data2vec: ObjectiveGolden {
    regression(name: "data2vec", TeacherRegression.Config()) { $0.targets.topLayers = 2 }
  }

  /// Like data2vec's AudioSet recipe: all layers, their mean normalised, positions averaged too; and the
  /// smooth L1 distance.
  static var audioset: ObjectiveGolden {
    var head = TeacherRegression.Config()
    head.beta = 0.5
    return regression(name: "audioset", head) {
      ($0.targets.topLayers, $0.targets.mean, $0.averagesPositions) = (3, .layer, true)
    }
  }

  private static func regression(
    name: String, _ head: TeacherRegression.Config, _ edit: (inout EMATeacher.Config) -> Void
  ) -> ObjectiveGolden {
    var objective = Objective()
    objective.regression = head
    var ema = EMATeacher.Config()
    (ema.decay.start, ema.decay.end, ema.decay.steps) = (0.9, 0.99, 6)
    edit(&ema)
    let encoder = encoder {
      ($0.frontEnd.norm, $0.frontEnd.gradientScale) = (.layer, 1)
      ($0.layers, $0.heads, $0.feedForwardWidth) = (3, 2, 18)
      ($0.position.kernel, $0.position.depth, $0.position.groups) = (5, 3, 3)
    }
    return ObjectiveGolden(
      name: name, encoder: encoder, objective: objective, codebooks: [], ema: ema)
  }
}

extension ObjectiveGolden {
  /// The file's tensors of this run, without the prefix.
  func tensors() throws -> [String: Tensor] { try golden("objectives").under(name) }

  /// The model as the reference began.
  func model(_ file: [String: Tensor]) throws -> PretrainingModel {
    var generator = RandomStream(seed: 1, purpose: .initialisation)
    var model = PretrainingModel(
      encoder: try AudioEncoder(encoder, using: &generator), objective: objective,
      codebooks: codebooks, using: &generator)
    try model.load(file.under("initial"))
    model.trackGradients()
    return model
  }

  /// The loss of one of the two batches.
  func loss(
    of model: PretrainingModel, batch number: Int, teacher: EMATeacher?, _ file: [String: Tensor]
  ) throws -> Loss {
    func part(_ name: String) throws -> Tensor { try #require(file[name]).part(number) }
    let codes = try codebooks.indices.map { try part("codes.\($0)").integers }
    let batch = Batch(
      audio: try part("audio"), samples: [0, 1], codes: codes,
      targets: objective.cqt == nil ? [:] : ["cqt": try part("spectrum")])
    let mask = try part("mask")
    let columns = (0..<2).map { row in
      (0..<mask.shape[1]).filter { mask.integers[row * mask.shape[1] + $0] != 0 }
    }
    return try model.loss(
      batch, hearing: try part("heard"),
      masked: MaskedFrames(frames: mask.shape[1], indices: columns), teacher: teacher,
      in: .evaluating())
  }
}

extension Tensor {
  /// The `index`-th of the tensors stacked along axis 0.
  fileprivate func part(_ index: Int) -> Tensor {
    let rest = shape.removing(axis: 0)
    let (start, count) = (index * rest.elementCount, rest.elementCount)
    if dtype == .int32 { return Tensor(Array(integers[start..<start + count]), shape: rest) }
    return Tensor(Array(scalars[start..<start + count]), shape: rest)
  }
}
