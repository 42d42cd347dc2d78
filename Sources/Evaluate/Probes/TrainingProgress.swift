import Files
import Foundation
import Models
import Optimisation
import Tensor

/// Where it is kept how far a training has come: after each epoch, and at times within one.
struct TrainingFile {
  let url: URL
  /// Seconds within an epoch after which it is written again.
  let seconds: Double
}

/// How far a long training has come, epoch after epoch.
///
/// Its file is replaced as a whole: tensors `model.PATH`, `best.PATH`, `optimiser.first.PATH` and
/// `optimiser.second.PATH` of what is trained, and the position as JSON in the metadata. Where all that is random depends
/// on epoch, items and updates, a training that goes on from it ends with the same bits.
struct TrainingProgress<Learned: Module> {
  /// After the last update.
  var model: Learned
  private(set) var optimiser: AdamW
  /// Items of the present epoch that are done.
  private(set) var items = 0
  /// The epochs that are done.
  private(set) var epochs = BestEpoch<Learned>()

  /// A training that begins.
  init(_ model: Learned, _ optimiser: AdamW) {
    (self.model, self.optimiser) = (model, optimiser)
  }

  /// The present epoch, from 1.
  var epoch: Int { epochs.scores.count + 1 }

  /// Trains until the schedule ends or a score is not finite.
  ///
  /// - Parameters:
  ///   - schedule: How long.
  ///   - rate: The learning rate of the first epoch.
  ///   - count: The items of an epoch.
  ///   - file: What to go on from, if it is there, and where to keep the progress; that is not kept if nil.
  ///   - step: Makes an update from the next items at a rate.
  ///   - score: The score after an epoch.
  /// - Returns: The epochs.
  /// - Throws: `FileError` if the file cannot be read or written, or is of another training; what `step` and `score`
  ///   throw.
  mutating func train(
    _ schedule: ProbeSchedule, rate: Float, items count: Int, _ file: TrainingFile?,
    step: (inout Self, _ rate: Float) throws -> Void,
    score: (Learned, _ epoch: Int) throws -> Double
  ) throws -> BestEpoch<Learned> {
    if let file { try goOn(from: file.url) }
    while let rate = epochs.nextRate(schedule, first: rate) {
      try trainEpoch(of: count, file) { try step(&$0, rate) }
      let trained = model.detached()
      let score = try score(trained, epoch)
      guard score.isFinite else { break }
      epochs.add(trained, score)
      items = 0
      if let file { try write(to: file.url) }
    }
    return epochs
  }

  /// What is left of an epoch.
  private mutating func trainEpoch(
    of count: Int, _ file: TrainingFile?, step: (inout Self) throws -> Void
  ) throws {
    let clock = ContinuousClock()
    var kept = clock.now
    while items < count {
      try step(&self)
      guard let file, (clock.now - kept) / .seconds(1) >= file.seconds else { continue }
      try write(to: file.url)
      kept = clock.now
    }
  }

  /// Makes an update from so many items.
  mutating func update(along gradients: Gradients, rate: Float, items count: Int) {
    optimiser.update(&model, along: gradients, rate: rate)
    items += count
  }
}

extension TrainingProgress {
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

  private func write(to file: URL) throws {
    let position = Position(
      scores: epochs.scores, best: epochs.number, items: items, updates: optimiser.step)
    let paths = trainedPaths
    var tensors = model.tensors(of: paths, prefix: "model.")
    tensors += epochs.weights?.tensors(of: paths, prefix: "best.") ?? []
    tensors += optimiser.state.sorted { $0.key < $1.key }.map { ("optimiser.\($0)", $1) }
    let json = String(decoding: try JSONEncoder().encode(position), as: UTF8.self)
    try AtomicFolder.make(file.deletingLastPathComponent())
    try SafeTensors.write(tensors, to: file, metadata: ["position": json])
  }

  private mutating func goOn(from file: URL) throws {
    guard try Presence.kind(of: file.path) != nil else { return }
    do {
      try take(SafeTensors(contentsOf: file))
    } catch let error where error is ModelError || error is DecodingError {
      throw FileError.unsuitable(
        path: file.path, reason: "is not of this training; remove it to begin anew")
    }
  }

  private mutating func take(_ file: SafeTensors) throws {
    let json = Data((file.metadata["position"] ?? "").utf8)
    let position = try JSONDecoder().decode(Position.self, from: json)
    guard position.isPossible else { throw ModelError.tensors("no such position") }
    let (tensors, paths) = (try file.tensors(), trainedPaths)
    if position.best > 0 {
      var best = model.detached()
      try best.replace(tensors.under("best."))
      epochs = BestEpoch(scores: position.scores, number: position.best, weights: best)
    }
    try model.replace(tensors.under("model."))
    model.trackGradients { paths.contains($0.path) }
    try optimiser.restore(tensors.under("optimiser."), step: position.updates)
    items = position.items
  }

  /// The paths of all that updates change, buffers among them.
  private var trainedPaths: Set<String> {
    let fixed = model.parameters.filter { !$0.tensor.isTracked }.map(\.path)
    return Set(model.state.map(\.path)).subtracting(fixed)
  }
}

extension Module {
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
