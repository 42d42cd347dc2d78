import Files
import Foundation
import Models
import Optimisation
import Tensor

/// How far a fine-tuning has come.
///
/// Its file is replaced as a whole: tensors `model.PATH`, `best.PATH`, `optimiser.first.PATH` and
/// `optimiser.second.PATH` of what is trained, and the position as JSON in the metadata.
struct TuningProgress {
  /// After the last update.
  var model: FineTuned
  private(set) var optimiser: AdamW
  /// Items of the present epoch that are done.
  var items = 0
  /// The epochs that are done.
  private(set) var epochs = BestEpoch<FineTuned>()

  /// A training that begins.
  init(_ model: FineTuned) { (self.model, optimiser) = (model, model.optimiser) }

  /// The present epoch, from 1.
  var epoch: Int { epochs.scores.count + 1 }

  /// Makes an update.
  mutating func update(along gradients: Gradients, rate: Float) {
    optimiser.update(&model, along: gradients, rate: rate)
  }

  /// Ends the present epoch, which had a finite score.
  mutating func endEpoch(_ trained: FineTuned, _ score: Double) {
    epochs.add(trained, score)
    items = 0
  }
}

extension TuningProgress {
  private struct Position: Codable {
    /// The scores of the epochs that are done.
    var scores: [Double]
    /// The number of the best.
    var best: Int
    var items: Int
    var updates: Int

    var isPossible: Bool {
      best <= scores.count && (best > 0) == !scores.isEmpty && items >= 0 && updates >= 0
    }
  }

  /// - Throws: `FileError`.
  func write(to file: URL) throws {
    let position = Position(
      scores: epochs.scores, best: epochs.number, items: items, updates: optimiser.step)
    var tensors = model.tensors(of: trained, prefix: "model.")
    tensors += epochs.weights?.tensors(of: trained, prefix: "best.") ?? []
    tensors += optimiser.state.sorted { $0.key < $1.key }.map { ("optimiser.\($0)", $1) }
    let json = String(decoding: try JSONEncoder().encode(position), as: UTF8.self)
    try AtomicFolder.make(file.deletingLastPathComponent())
    try SafeTensors.write(tensors, to: file, metadata: ["position": json])
  }

  /// Goes on from a file of this training, if there is one.
  ///
  /// - Parameters:
  ///   - file: As `write` writes it.
  ///   - part: What is trained.
  /// - Throws: `FileError` if the file cannot be read, or is of another model.
  mutating func goOn(from file: URL, _ part: FineTuning.Part) throws {
    guard try Presence.kind(of: file.path) != nil else { return }
    do {
      try take(SafeTensors(contentsOf: file), part)
    } catch let error where error is ModelError || error is DecodingError {
      throw FileError.unsuitable(
        path: file.path, reason: "is not of this fine-tuning; remove it to begin anew")
    }
  }

  private mutating func take(_ file: SafeTensors, _ part: FineTuning.Part) throws {
    let json = Data((file.metadata["position"] ?? "").utf8)
    let position = try JSONDecoder().decode(Position.self, from: json)
    guard position.isPossible else { throw ModelError.tensors("no such position") }
    let tensors = try file.tensors()
    if position.best > 0 {
      var best = model.detached()
      try best.replace(tensors.under("best."))
      epochs = BestEpoch(scores: position.scores, number: position.best, weights: best)
    }
    try model.replace(tensors.under("model."))
    model.trackGradients(part)
    try optimiser.restore(tensors.under("optimiser."), step: position.updates)
    items = position.items
  }

  /// The paths of all that updates change.
  private var trained: Set<String> {
    let fixed = model.parameters.filter { !$0.tensor.isTracked }.map(\.path)
    return Set(model.state.map(\.path)).subtracting(fixed)
  }
}

extension FineTuned {
  fileprivate func tensors(
    of paths: Set<String>, prefix: String
  ) -> [(name: String, tensor: Tensor)] {
    detached().state.filter { paths.contains($0.path) }.map { (prefix + $0.path, $0.tensor) }
  }

  /// Takes tensors by their paths; what is not among them stays.
  fileprivate mutating func replace(_ tensors: [String: Tensor]) throws(ModelError) {
    let own = Dictionary(uniqueKeysWithValues: state.map { ($0.path, $0.tensor) })
    try load(own.merging(tensors) { $1 })
  }
}

extension [String: Tensor] {
  /// Those whose names begin so, without that beginning.
  fileprivate func under(_ prefix: String) -> [String: Tensor] {
    let own = filter { $0.key.hasPrefix(prefix) }
    return Dictionary(
      uniqueKeysWithValues: own.map { (String($0.key.dropFirst(prefix.count)), $0.value) })
  }
}
