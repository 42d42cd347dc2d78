import Models
import Tensor

/// An encoder with the heads that its recipe asks for: all that an optimiser step changes.
public struct PretrainingModel: Module {
  /// The part that is kept when pre-training is over.
  public var encoder: any Encoder
  private(set) var heads: [NamedHead]
  let objective: Objective

  /// A head and its setting.
  struct NamedHead: Sendable {
    var head: any Head
    let setting: any HeadSetting

    var name: String { type(of: setting).name }
    var part: String { type(of: setting).part }
    var isTaught: Bool { type(of: setting).source == .teacher }
    var readsWholeCrops: Bool { type(of: setting).readsWholeCrops }
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
    let readsCrops = heads.contains(where: \.readsWholeCrops)
    if objective.unmaskedWeight == 0, !readsCrops { pass.outputFrames = masked.flat }
    let embedded = masked.filling.isEmbedding ? masked.indices : nil
    let layers = heads.reduce(into: Set<Int>()) { $0.formUnion($1.setting.layers) }
    if !layers.isEmpty { pass.record.insert(.hiddenStates) }
    let last = encoder.contextualise(projected, masked: embedded, in: pass).rows
    let earlier = Dictionary(
      uniqueKeysWithValues: layers.map { ($0, pass.hiddenStates[$0].rows) })

    var loss = penalty(on: features)
    if !given.isEmpty {
      loss.add(try targetLoss(given, last, earlier, masked, batch, in: pass))
    }
    if let teacher {
      let clean = heard == nil ? features.detached() : cleanFeatures(of: batch, in: pass)
      let frames = TaughtFrames(
        features: targets(of: teacher, for: clean, at: masked.flat), views: nil,
        collapse: teacher.collapse, step: pass.step)
      let targets = FrameTargets(
        batch, at: masked.flat, of: masked.frames, taught: frames, in: pass)
      try add(taught, last.float32Rows(masked.flat), targets, to: &loss)
    }
    return loss
  }

  /// The penalty on the front end's output, if the objective has one.
  func penalty(on features: Tensor) -> Loss {
    var loss = Loss()
    guard objective.featurePenalty > 0 else { return loss }
    loss.add("penalty", Loss(total: features.squared().mean()), weight: objective.featurePenalty)
    return loss
  }

  /// The front end's output for the clean crops, untracked.
  func cleanFeatures(of batch: Batch, in pass: ForwardPass) -> Tensor {
    encoder.detached().features(batch.audio, precision: pass.precision)
  }

  /// What a teacher computes of the clean crops' frames, before dropout, at some rows of `[B·T, D]`.
  func targets(of teacher: EMATeacher, for clean: Tensor, at rows: [Int]) -> Tensor {
    teacher.targets(for: encoder.project(clean, in: .evaluating())).rows.gatheringRows(rows)
  }

  /// Features with what the masks put in place of some of them.
  private func filled(_ features: Tensor, _ masked: MaskedFrames) -> Tensor {
    let unit = encoder.config.stride / encoder.config.featureStride
    return masked.filled(features: features, unit: unit) ?? features
  }

  /// The loss of the heads whose targets lie in the batch: at the masked frames, mixed with that at
  /// the others by the objective's weights; and that of heads of whole crops.
  private func targetLoss(
    _ heads: [NamedHead], _ last: Tensor, _ earlier: [Int: Tensor], _ masked: MaskedFrames,
    _ batch: Batch, in pass: ForwardPass
  ) throws -> Loss {
    func loss(of heads: [NamedHead], at frames: [Int]) throws -> Loss {
      var loss = Loss()
      guard !heads.isEmpty, !frames.isEmpty else { return loss }
      let layers = earlier.mapValues { $0.float32Rows(frames) }
      let targets = FrameTargets(batch, at: frames, of: masked.frames, layers: layers, in: pass)
      try add(heads, last.float32Rows(frames), targets, to: &loss)
      return loss
    }
    let ofFrames = heads.filter { !$0.readsWholeCrops }
    let others = objective.unmaskedWeight > 0 ? masked.flatUnmasked : []
    var total = weighted(
      try loss(of: ofFrames, at: masked.flat), try loss(of: ofFrames, at: others),
      share: Float(masked.count) / Float(masked.count + others.count))
    total.add(
      try loss(
        of: heads.filter(\.readsWholeCrops), at: Array(0..<masked.rows * masked.frames)))
    return total
  }

  /// The losses at masked and at other frames together, of which the first have this share.
  private func weighted(_ masked: Loss, _ others: Loss, share: Float) -> Loss {
    var loss = masked
    loss.total = loss.total * objective.maskedWeight
    guard share < 1 else { return loss }
    loss.total = loss.total * share + others.total * (objective.unmaskedWeight * (1 - share))
    for (name, value) in others.terms { loss.terms["unmasked." + name] = value }
    return loss
  }

  func add(
    _ heads: [NamedHead], _ outputs: Tensor, _ targets: FrameTargets, to loss: inout Loss
  ) throws {
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

extension Tensor {
  /// `[B, T, D]` as `[B·T, D]`.
  var rows: Tensor { reshaped([shape[0] * shape[1], shape[2]]) }

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
