import Models
import Tensor

/// An encoder with the heads that its recipe asks for: all that an optimiser step changes.
public struct PretrainingModel: Module {
  /// The part that is kept when pre-training is over.
  public var encoder: AudioEncoder
  private var codes: CodePrediction?
  private var spectrum: SpectrumPrediction?
  private var regression: TeacherRegression?
  private let objective: Objective

  /// A new model.
  ///
  /// - Parameter codebooks: How many codes each label set has; empty without codes to predict.
  public init(
    encoder: AudioEncoder, objective: Objective, codebooks: [Int],
    using generator: inout some RandomNumberGenerator
  ) {
    let hidden = encoder.config.width
    self.encoder = encoder
    self.objective = objective
    if let config = objective.codes {
      codes = CodePrediction(config, hidden: hidden, codebooks: codebooks, using: &generator)
    }
    if let config = objective.cqt {
      spectrum = SpectrumPrediction(config, hidden: hidden, using: &generator)
    }
    if let config = objective.regression {
      regression = TeacherRegression(config, hidden: hidden, using: &generator)
    }
  }

  /// The loss of one batch.
  ///
  /// - Parameters:
  ///   - batch: Clean crops and their targets.
  ///   - mixed: What the student hears in place of the clean crops: those with others mixed in, `[B, L]`.
  ///     All targets stay those of the clean crops.
  ///   - masked: The frames to predict.
  ///   - teacher: data2vec's teacher, if the objective has a regression.
  /// - Throws: `EMAError.collapsed` if there is nothing left to learn from the teacher.
  /// - Traps when: the batch lacks what the objective predicts.
  public func loss(
    _ batch: Batch, hearing mixed: Tensor? = nil, masked: MaskedFrames, teacher: EMATeacher?,
    in pass: ForwardPass
  ) throws -> Loss {
    precondition(
      (regression == nil) == (teacher == nil), "loss: a regression and its teacher go together")
    let features = encoder.features(mixed ?? batch.audio, precision: pass.precision)
    let projected = encoder.project(features, in: pass)
    let hidden = encoder.contextualise(projected, masked: masked.indices, in: pass).rows

    var loss = Loss(total: Tensor(0), terms: [:])
    if objective.featurePenalty > 0 {
      loss.add("penalty", features.squared().mean(), weight: objective.featurePenalty)
    }
    if codes != nil || spectrum != nil { loss.add(targetLoss(hidden, masked, batch)) }
    if let regression, let teacher {
      // The teacher hears the clean crops, and their frames before dropout.
      let clean =
        mixed == nil
        ? features.detached()
        : encoder.detached().features(batch.audio, precision: pass.precision)
      let undropped = encoder.project(clean, in: .evaluating())
      let targets = teacher.targets(for: undropped).rows.gatheringRows(masked.flat)
      let predictions = regression.predictions(at: hidden.float32Rows(masked.flat))
      loss.add("regression", regression.loss(predictions, targets: targets), weight: 1)
      let spread = try teacher.collapse.check(
        targets: targets, predictions: predictions, step: pass.step)
      loss.terms["targetSpread"] = spread.targets
      loss.terms["predictionSpread"] = spread.predictions
    }
    return loss
  }

  /// The loss of the heads whose targets lie in the batch: at the masked frames, mixed with that at
  /// the others as the objective says.
  private func targetLoss(_ hidden: Tensor, _ masked: MaskedFrames, _ batch: Batch) -> Loss {
    var loss = targetLoss(hidden, at: masked.flat, batch)
    loss.total = loss.total * objective.maskedWeight
    guard objective.unmaskedWeight > 0 else { return loss }
    let others = masked.flatUnmasked
    let unmasked = targetLoss(hidden, at: others, batch)
    let share = Float(masked.count) / Float(masked.count + others.count)
    loss.total =
      loss.total * share + unmasked.total * (objective.unmaskedWeight * (1 - share))
    for (name, value) in unmasked.terms { loss.terms["unmasked." + name] = value }
    return loss
  }

  private func targetLoss(_ hidden: Tensor, at frames: [Int], _ batch: Batch) -> Loss {
    var loss = Loss(total: Tensor(0), terms: [:])
    let outputs = hidden.float32Rows(frames)
    if let codes {
      let targets = batch.codes.map { set in frames.map { set[$0] } }
      loss.add("codes", codes.loss(at: outputs, codes: targets))
    }
    if let spectrum {
      let target = batch.spectrum!.rows.gatheringRows(frames)
      loss.add(
        "cqt", spectrum.loss(at: outputs, spectrum: target), weight: objective.cqt!.weight)
    }
    return loss
  }

  /// `encoder`, and the heads under `codes`, `spectrum`, `regression`.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("encoder", &encoder)
    visitHeads(&visitor)
  }

  private mutating func visitHeads(_ visitor: inout some ParameterVisitor) {
    visitor.child("codes", &codes, part: .heads)
    visitor.child("spectrum", &spectrum, part: .heads)
    visitor.child("regression", &regression, part: .heads)
  }
}

extension PretrainingModel {
  /// The parameters of the heads by path.
  public var headState: [String: Tensor] {
    let heads = parameters.filter { !$0.path.hasPrefix(Self.encoderPrefix) }
    return Dictionary(uniqueKeysWithValues: heads.map { ($0.path, $0.tensor) })
  }

  /// The heads as a checkpoint keeps them.
  public var heads: PretrainingHeads {
    PretrainingHeads(headState, specialSymbols: objective.codes?.specialSymbols ?? 0)
  }

  /// Goes on from kept parameters, as leaves.
  /// - Throws: `ModelError.tensors` if they are not those of this model.
  public mutating func restore(encoder: AudioEncoder, heads: [String: Tensor]) throws {
    var all = heads
    for (path, tensor) in encoder.parameters { all[Self.encoderPrefix + path] = tensor }
    try load(all)
    trackGradients()
  }

  private static var encoderPrefix: String { "encoder." }
}

extension Tensor {
  /// `[B, T, D]` as `[B·T, D]`.
  fileprivate var rows: Tensor { reshaped([shape[0] * shape[1], shape[2]]) }

  /// Some rows in the precision of heads and losses.
  fileprivate func float32Rows(_ rows: [Int]) -> Tensor { gatheringRows(rows).cast(to: .float32) }
}

extension Loss {
  /// Adds a weighted part; the term shows it without its weight.
  fileprivate mutating func add(_ name: String, _ part: Tensor, weight: Float) {
    total = total + part * weight
    terms[name] = part.scalar
  }

  fileprivate mutating func add(_ name: String, _ part: Loss) {
    add(part)
    terms[name] = part.total.scalar
  }

  fileprivate mutating func add(_ part: Loss) {
    total = total + part.total
    terms.merge(part.terms) { $1 }
  }
}
