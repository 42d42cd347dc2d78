import Cluster
import Files
import Foundation
import Models
import Optimisation
import Pretrain
import Tensor

// MARK: - Steps

extension Trainer {
  /// What a replica computed of its batches.
  private struct LocalUpdate {
    /// Their losses, the first with the norms of the gradients among its terms.
    var losses: [WeightedLoss]
    var gradients: Gradients
    var norms: GradientNorms
  }

  /// The name under which the norm of a replica's gradients is told to others.
  private static var norm: String { "norm" }

  /// One step of all replicas: each makes an update by its own batches. All are joined if that is due.
  ///
  /// - Parameters:
  ///   - wishes: What this rank asks for.
  ///   - config: The numbers of the recipe.
  /// - Throws: As `advanceTogether`.
  mutating func advanceReplicas(
    wishing wishes: ControlExchange.Wishes, _ config: LocalSteps
  ) throws -> JointStep {
    var watch = LapWatch()
    let computed = Result { try replicas.indices.map { try localUpdate(of: $0) } }
    // What losses observe is for the replica that observed it.
    let losses = computed.flatMap { updates in
      Result { try TensorBundle.data(updates.flatMap(\.losses).withoutObservations.tensors) }
    }
    let agreement = try ControlExchange(among: ranks).exchange(
      ControlExchange.Report(
        step: step, outcome: losses, wishes: wishes, layout: 0, seconds: watch.lap()))
    let waiting = watch.lap()
    let outcome = outcome(of: try merged(agreement.outcomes), config)
    for (number, update) in try computed.get().enumerated() { make(update, of: number) }
    step += 1
    _ = watch.lap()
    if step % config.steps == 0 { try join() }
    return JointStep(
      outcome: outcome, wishes: agreement.wishes,
      pace: RankPace.Step(
        computing: agreement.seconds, waiting: waiting, exchanging: watch.lap()))
  }

  private func localUpdate(of number: Int) throws -> LocalUpdate {
    let block = local!.block(of: local!.own.lowerBound + number, in: numbers)
    let total = try Float(max(1, block.reduce(0) { try $0 + weight(ofBatch: $1) }))
    var update = UpdateInProgress()
    for batch in block {
      let loss = try replicas[number].model.loss(of: batches.batch(batch), in: pass(ofBatch: batch))
      update.add(loss, share: try Float(weight(ofBatch: batch)) / total)
    }
    let gradients = update.takeGradients()
    let norms = GradientNorms(of: gradients, in: replicas[number].model)
    var losses = update.losses
    losses[0].terms.merge(norms.terms) { $1 }
    losses[0].terms[Self.norm] = norms.total
    return LocalUpdate(losses: losses, gradients: gradients, norms: norms)
  }

  private mutating func make(_ update: LocalUpdate, of number: Int) {
    let rate = schedule.rate(at: step)
    replicas[number].update(along: update.gradients, norms: update.norms, rate: rate)
    replicas[number].model.follow(
      step: step + 1,
      observing: update.norms.total.isFinite ? update.losses.map(\.observations) : [])
  }

  /// Means over the replicas; not finite if that of any is not.
  private func outcome(of losses: [WeightedLoss], _ config: LocalSteps) -> StepOutcome {
    let count = Float(config.replicas)
    var terms = losses.terms.mapValues { $0 / count }
    let norm = terms.removeValue(forKey: Self.norm) ?? .nan
    var outcome = StepOutcome(
      loss: losses.loss / count, terms: terms, learningRate: schedule.rate(at: step),
      gradientNorm: norm)
    if outcome.nonFinite != nil { outcome.files = batches.files(ofBatches: numbers) }
    return outcome
  }
}

// MARK: - Joining

extension Trainer {
  /// Whether all replicas are equal but for the moments of their optimisers: after an outer step, or without replicas.
  var isJoined: Bool { local.map { step % $0.config.steps == 0 } ?? true }

  /// The outer step. What is no parameter and moves beside them, as an averaged teacher or the statistics of batch norms,
  /// becomes its mean over the replicas, of which nothing is published. What does not move keeps its bits.
  private mutating func join() throws {
    let outer = local!.outer
    let distances = try mean(replicas.map { outer.distances(of: $0.model) }, by: exchange)
    local!.outer.advance(along: distances)
    let moved = local!.outer.parameters.named(Replica<Model>.parts)
    let beside = replicas.map { replica in
      replica.state.filter { name, _ in
        (name.hasPrefix(Replica<Model>.parts) || name.hasPrefix(Replica<Model>.companions))
          && moved[name] == nil
      }.mapValues(\.asReals)
    }
    let names = try namesToAverage(in: beside)
    // Rounded distances lose little; rounded parameters would lose much.
    let means = try mean(
      beside.map { state in names.map { state[$0]! } }, by: GradientExchange(among: ranks))
    let joined = moved.merging(zip(names, means)) { $1 }
    for number in replicas.indices {
      try replicas[number].restore(
        replicas[number].state.merging(joined) { $0.dtype == .int32 ? $1.asWholes : $1 })
    }
  }

  /// The names of the tensors whose mean is taken: those that have other bits in any replica of any rank. A collective
  /// call, with the same answer everywhere.
  ///
  /// The mean of 2, 4, … equal numbers is that number, so only other counts have to look: a third of `a + a + a` is not
  /// always `a`.
  private func namesToAverage(in states: [[String: Tensor]]) throws -> [String] {
    let (names, count) = (states[0].keys.sorted(), local!.config.replicas)
    guard count & (count - 1) != 0 else { return names }
    let own = try JSONEncoder().encode(states.map { state in names.map { state[$0]!.bitHash } })
    let hashes = try ranks.gather(own, ranks.patience).flatMap {
      try JSONDecoder().decode([[UInt64]].self, from: $0)
    }
    let moving = names.indices.filter { i in hashes.contains { $0[i] != hashes[0][i] } }
    return moving.map { names[$0] }
  }

  /// The mean over all replicas of tensors, of which each replica of this rank has some.
  private func mean(_ terms: [[Tensor]], by exchange: GradientExchange) throws -> [Tensor] {
    var sum = PairwiseSum<[Tensor]>()
    func add(_ a: inout [Tensor], _ b: [Tensor]) {
      for i in a.indices { a[i].add(b[i]) }
    }
    for term in terms { sum.add(term.map { $0.detached() }, by: add) }
    var total = sum.takeTotal(by: add)!
    try exchange.sum(&total)
    return total.map { $0 * (1 / Float(local!.config.replicas)) }
  }
}

extension Tensor {
  /// Whole numbers, too, have a mean, and are rounded to it.
  fileprivate var asReals: Tensor {
    dtype == .int32 ? Tensor(integers.map(Float.init), shape: shape) : self
  }

  /// Rounded.
  fileprivate var asWholes: Tensor { Tensor(scalars.map { Int32($0.rounded()) }, shape: shape) }

  /// Changes when any of its bits does.
  fileprivate var bitHash: UInt64 {
    var hash = ContentHash()
    hash.update("", self)
    return hash.value
  }
}

// MARK: - In a checkpoint

extension Trainer {
  private static var outer: String { "outer" }
  private static func name(of replica: Int) -> String { "replica-\(replica)" }

  /// What a checkpoint keeps of replicas beside the first, by file: `replica-1`, … and `outer`, where the last outer step
  /// led. Empty without replicas.
  var replicaFiles: [String: [String: Tensor]] {
    guard let local else { return [:] }
    let own = zip(local.own, replicas).dropFirst().map { ($0, $1.state) }
    let all = local.others.merging(own) { $1 }
    return Dictionary(uniqueKeysWithValues: all.map { (Self.name(of: $0), $1) })
      .merging([Self.outer: local.outer.state]) { $1 }
  }

  /// Goes on from the files that `replicaFiles` was written to. The first rank keeps what belongs to others until
  /// `takeStateOfFirst`.
  mutating func restoreReplicas(_ file: (_ name: String) throws -> [String: Tensor]) throws {
    guard let config = local?.config else { return }
    try local!.outer.restore(file(Self.outer))
    for number in 1..<config.replicas {
      let state = try file(Self.name(of: number))
      if replicas.indices.contains(number) {
        try replicas[number].restore(state)
      } else {
        local!.others[number] = state
      }
    }
  }

  /// The states of all replicas but the first, on the first rank. A collective call.
  func gatheringReplicas() throws -> Trainer {
    guard let local, ranks.count > 1 else { return self }
    let states = zip(local.own, replicas).map { $1.state.named("\($0)/") }
    let all = try ranks.collect(
      ranks.isFirst ? [:] : states.reduce(into: [:]) { $0.merge($1) { $1 } })
    var whole = self
    guard ranks.isFirst else { return whole }
    for number in local.own.upperBound..<local.config.replicas {
      whole.local!.others[number] = all.named(after: "\(number)/")
    }
    return whole
  }

  /// What other ranks need of the first one's: names of `replicaFiles`, a slash, and names of tensors.
  var replicaBundle: [String: Tensor] {
    replicaFiles.reduce(into: [:]) { bundle, file in
      bundle.merge(file.value.named("\(file.key)/")) { $1 }
    }
  }

  /// The beginnings of the names in `replicaBundle` that this rank needs.
  var replicaBeginnings: [String] {
    guard let local else { return [] }
    return (local.own.map(Self.name(of:)) + [Self.outer]).map { $0 + "/" }
  }

  /// Goes on from `replicaBundle`; replicas that are not in it begin as `first` is.
  mutating func restoreReplicas(_ bundle: [String: Tensor], first: [String: Tensor]) throws {
    guard let own = local?.own else { return }
    for (number, replica) in zip(replicas.indices, own) {
      let state = bundle.named(after: Self.name(of: replica) + "/")
      try replicas[number].restore(state.isEmpty ? first : state)
    }
    try local!.outer.restore(bundle.named(after: Self.outer + "/"))
    local!.others = [:]
  }
}
