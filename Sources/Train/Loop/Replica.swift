import Models
import Optimisation
import Pretrain
import Tensor

/// A learner in training and its optimiser.
struct Replica<Model: Learner>: Sendable {
  /// The learner.
  var model: Model
  /// What updates it.
  var optimizer: AdamW

  /// A learner before its first step, whose frozen parameters become constants.
  init(_ model: Model, _ optimizer: AdamW) {
    (self.model, self.optimizer) = (model, optimizer)
    self.model.freeze(by: optimizer.numbers)
  }

  /// One update, which is left out if the norms are not finite.
  mutating func update(along gradients: Gradients, norms: GradientNorms, rate: Float) {
    optimizer.update(&model, along: gradients, norms: norms, rate: rate)
  }
}

// MARK: - By name

extension Replica {
  static var moments: String { "optimizer." }
  static var parts: String { "model." }
  static var companions: String { "companions." }
  private static var updates: String { "updates" }

  /// All that steps change, by name.
  var state: [String: Tensor] {
    var state = [Self.updates: Tensor([Int32(optimizer.step)], shape: [1])]
    for (path, tensor) in model.state { state[Self.parts + path] = tensor }
    for (name, tensor) in optimizer.state { state[Self.moments + name] = tensor }
    for (file, tensors) in model.companions {
      for (name, tensor) in tensors { state["\(Self.companions)\(file).\(name)"] = tensor }
    }
    return state
  }

  /// Goes on from a kept state, perhaps with more moments than it has.
  /// - Throws: `ModelError.tensors` if a tensor is missing or of another shape.
  mutating func restore(_ state: [String: Tensor]) throws {
    guard let updates = state[Self.updates]?.integers.first else {
      throw ModelError.tensors("a replica needs '\(Self.updates)'")
    }
    try model.load(state.named(after: Self.parts))
    model.trackGradients()
    model.freeze(by: optimizer.numbers)
    try optimizer.restore(state.named(after: Self.moments), step: Int(updates))
    var companions: [String: [String: Tensor]] = [:]
    for file in model.companions.keys {
      let kept = state.named(after: "\(Self.companions)\(file).")
      if kept.isEmpty, model.laterCompanions.contains(file) { continue }
      companions[file] = kept
    }
    try model.restore(companions: companions)
  }
}

extension [String: Tensor] {
  /// Those whose names begin so, by the rest of their names.
  func named(after beginning: String) -> [String: Tensor] {
    Dictionary(
      uniqueKeysWithValues: filter { $0.key.hasPrefix(beginning) }.map {
        (String($0.key.dropFirst(beginning.count)), $0.value)
      })
  }

  /// The same under longer names.
  func named(_ beginning: String) -> [String: Tensor] {
    Dictionary(uniqueKeysWithValues: map { (beginning + $0.key, $0.value) })
  }
}
