import Models
import Tensor

/// An encoder with the heads that its recipe asks for: all that an optimiser step changes.
public struct PretrainingModel: Module {
  /// The part that is kept when pre-training is over.
  public var encoder: any Encoder
  private var heads: [NamedHead]
  private let objective: Objective

  /// A head and its setting.
  private struct NamedHead: Sendable {
    var head: any Head
    let setting: any HeadSetting

    var name: String { type(of: setting).name }
    var part: String { type(of: setting).part }
    var isTaught: Bool { type(of: setting).source == .teacher }
  }

  /// A new model.
  ///
  /// - Parameters:
  ///   - encoder: The model.
  ///   - objective: What is predicted.
  ///   - codebooks: How many codes each label set has; empty without codes to predict.
  ///   - generator: Draws the initial weights.
  public init(
    encoder: any Encoder, objective: Objective, codebooks: [Int],
    using generator: inout some RandomNumberGenerator
  ) {
    self.encoder = encoder
    self.objective = objective
    heads = []
    for setting in objective.heads {
      let head = setting.head(
        width: encoder.config.width, codebooks: codebooks, using: &generator)
      heads.append(NamedHead(head: head, setting: setting))
    }
  }

  /// The loss of one batch.
  ///
  /// - Parameters:
  ///   - batch: Clean crops and their targets.
  ///   - mixed: What the student gets in place of the clean crops: those with others mixed in, `[B, L]`.
  ///     All targets stay those of the clean crops.
  ///   - masked: The frames to predict.
  ///   - teacher: data2vec's teacher, if the objective has a regression.
  ///   - pass: The pass: what is random and what it keeps.
  /// - Throws: `EMAError.collapsed` if there is nothing left to learn from the teacher.
  /// - Traps when: the batch lacks what the objective predicts.
  public func loss(
    _ batch: Batch, hearing mixed: Tensor? = nil, masked: MaskedFrames, teacher: EMATeacher?,
    in pass: ForwardPass
  ) throws -> Loss {
    let (taught, given) = (heads.filter(\.isTaught), heads.filter { !$0.isTaught })
    precondition(
      taught.isEmpty == (teacher == nil), "loss: a regression and its teacher go together")
    let heard =
      masked.filled(waveform: mixed ?? batch.audio, stride: encoder.config.stride) ?? mixed
    let features = encoder.features(heard ?? batch.audio, precision: pass.precision)
    let projected = encoder.project(filled(features, masked), in: pass)
    if objective.unmaskedWeight == 0 { pass.outputFrames = masked.flat }
    let embedded = masked.filling.isEmbedding ? masked.indices : nil
    let layers = heads.reduce(into: Set()) { $0.formUnion($1.setting.layers) }
    if !layers.isEmpty { pass.record.insert(.hiddenStates) }
    let last = encoder.contextualise(projected, masked: embedded, in: pass).rows
    let hidden = EncoderOutputs(last: last, layers: layers.map { ($0, pass.hiddenStates[$0].rows) })

    var loss = Loss()
    if objective.featurePenalty > 0 {
      loss.add(
        "penalty", Loss(total: features.squared().mean()), weight: objective.featurePenalty)
    }
    if !given.isEmpty { loss.add(try targetLoss(given, hidden, masked, batch)) }
    if let teacher {
      // The teacher gets the clean crops, and their frames before dropout.
      let clean =
        heard == nil
        ? features.detached()
        : encoder.detached().features(batch.audio, precision: pass.precision)
      let undropped = encoder.project(clean, in: .evaluating())
      let features = teacher.targets(for: undropped).rows.gatheringRows(masked.flat)
      let frames = TaughtFrames(
        features: features, collapse: teacher.collapse, step: pass.step)
      try add(taught, hidden, at: masked.flat, of: batch, taught: frames, to: &loss)
    }
    return loss
  }

  /// Features with what the masks put in place of some of them.
  private func filled(_ features: Tensor, _ masked: MaskedFrames) -> Tensor {
    let unit = encoder.config.stride / encoder.config.featureStride
    return masked.filled(features: features, unit: unit) ?? features
  }

  /// The loss of the heads whose targets lie in the batch: at the masked frames, mixed with that at
  /// the others by the objective's weights.
  private func targetLoss(
    _ heads: [NamedHead], _ hidden: EncoderOutputs, _ masked: MaskedFrames, _ batch: Batch
  ) throws -> Loss {
    var loss = Loss()
    try add(heads, hidden, at: masked.flat, of: batch, to: &loss)
    loss.total = loss.total * objective.maskedWeight
    guard objective.unmaskedWeight > 0 else { return loss }
    let others = masked.flatUnmasked
    guard !others.isEmpty else { return loss }
    var unmasked = Loss()
    try add(heads, hidden, at: others, of: batch, to: &unmasked)
    let share = Float(masked.count) / Float(masked.count + others.count)
    loss.total =
      loss.total * share + unmasked.total * (objective.unmaskedWeight * (1 - share))
    for (name, value) in unmasked.terms { loss.terms["unmasked." + name] = value }
    return loss
  }

  private func add(
    _ heads: [NamedHead], _ hidden: EncoderOutputs, at frames: [Int], of batch: Batch,
    taught: TaughtFrames? = nil, to loss: inout Loss
  ) throws {
    let outputs = hidden.last.float32Rows(frames)
    let targets = FrameTargets(
      batch, at: frames, layers: hidden.layers.mapValues { $0.float32Rows(frames) }, taught: taught)
    for named in heads {
      let part = try named.head.loss(
        at: targets.outputs(outputs, ofLayer: named.setting.layer), of: targets)
      loss.add(named.name, part, weight: named.setting.weight)
    }
  }

  /// Fits the heads that have something to fit.
  ///
  /// - Parameters:
  ///   - targets: What the `CropTarget`s computed of crops of the collection, by the name of the head, `[N, W]`.
  ///   - seed: Decides what is random.
  /// - Throws: If there is nothing to predict.
  mutating func fitHeads(to targets: [String: Tensor], seed: UInt64) throws {
    for i in heads.indices {
      guard var head = heads[i].head as? any FittedHead else { continue }
      guard let sample = targets[heads[i].name] else {
        preconditionFailure("fitHeads: there is no sample for '\(heads[i].name)'")
      }
      try head.fit(to: sample, seed: seed)
      heads[i].head = head
    }
  }

  /// `encoder`, and the heads under `codes`, `spectrum`, `regression`, ...
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    Self.visit("encoder", &encoder, depth: .beforeLayers, &visitor)
    for i in heads.indices { Self.visit(heads[i].part, &heads[i].head, part: .heads, &visitor) }
  }

  /// Opens a child whose type is known at run time alone, in place.
  private static func visit(
    _ name: String, _ child: inout some Module, part: ModulePart? = nil, depth: ModuleDepth? = nil,
    _ visitor: inout some ParameterVisitor
  ) {
    visitor.child(name, &child, part: part, depth: depth)
  }
}

extension PretrainingModel {
  /// The state of the heads by path.
  public var headState: [String: Tensor] {
    var all: [String: Tensor] = [:]
    for named in heads {
      for (path, tensor) in named.head.state { all["\(named.part).\(path)"] = tensor }
    }
    return all
  }

  /// The heads as a checkpoint keeps them.
  public var keptHeads: PretrainingHeads {
    PretrainingHeads(headState, specialSymbols: objective.codes?.specialSymbols ?? 0)
  }

  /// Goes on from kept state, parameters as leaves.
  /// - Throws: `ModelError.tensors` if they are not those of this model.
  public mutating func restore(encoder: any Encoder, heads: [String: Tensor]) throws {
    var all = heads
    for (path, tensor) in encoder.state { all["encoder." + path] = tensor }
    try load(all)
    trackGradients()
  }
}

/// What heads read: what leaves the encoder, and the layers that one of them reads instead, `[B·T, D]`.
private struct EncoderOutputs {
  let last: Tensor
  let layers: [Int: Tensor]

  init(last: Tensor, layers: [(Int, Tensor)]) {
    (self.last, self.layers) = (last, Dictionary(uniqueKeysWithValues: layers))
  }
}

extension Tensor {
  /// `[B, T, D]` as `[B·T, D]`.
  fileprivate var rows: Tensor { reshaped([shape[0] * shape[1], shape[2]]) }

  /// Some rows in the precision of heads and losses.
  fileprivate func float32Rows(_ rows: [Int]) -> Tensor { gatheringRows(rows).cast(to: .float32) }
}

extension Loss {
  /// Adds a loss whose parts are weighted already.
  fileprivate mutating func add(_ part: Loss) {
    total = total + part.total
    terms.merge(part.terms) { $1 }
    observations.merge(part.observations) { $1 }
  }
}
