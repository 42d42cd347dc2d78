import Cluster
import Files
import Foundation
import Models
import Optimisation
import Pretrain
import Tensor

extension Trainer {
  /// What a step of all ranks did.
  struct JointStep {
    var outcome: StepOutcome
    /// What any rank asked for.
    var wishes: ControlExchange.Wishes
    /// Where the time went.
    var pace: RankPace.Step
  }

  /// One optimiser step of all ranks: each computes a block of the step's batches, all tell each other how that went,
  /// and the gradients are summed. Every rank then makes the same update, or its part of it.
  ///
  /// - Parameter wishes: What this rank asks for.
  /// - Throws: As `advance`. The trainer is then as it was before, on every rank; but for `ClusterError.late`, after which
  ///   it cannot be used.
  mutating func advanceTogether(
    wishing wishes: ControlExchange.Wishes = ControlExchange.Wishes()
  ) throws -> JointStep {
    if let local { return try advanceReplicas(wishing: wishes, local.config) }
    var watch = LapWatch()
    let computed = Result { try addOwnBatches() }
    var own = takeUpdate()
    let losses = computed.flatMap { Result { try TensorBundle.data(own.losses.tensors) } }
    let agreement = try ControlExchange(among: ranks).exchange(
      ControlExchange.Report(
        step: step, outcome: losses, wishes: wishes, layout: layout(of: own.gradients),
        seconds: watch.lap()))
    let waiting = watch.lap()
    let sums = try summed(&own.gradients)
    let norms = try norms(of: sums)
    var exchanging = watch.lap()
    let (shards, exchange) = (shards, exchange)
    let outcome = try makeUpdate(try merged(agreement.outcomes), along: sums, norms) { model in
      guard let shards, norms.total.isFinite else { return }
      _ = watch.lap()
      try shards.spread(&model, by: exchange)
      exchanging += watch.lap()
    }
    return JointStep(
      outcome: outcome, wishes: agreement.wishes,
      pace: RankPace.Step(
        computing: agreement.seconds, waiting: waiting, exchanging: exchanging))
  }

  private mutating func addOwnBatches() throws {
    let block = ranks.share(of: numbers.count)
    for number in block { try addBatch(numbers.lowerBound + number) }
  }

  /// The losses of all ranks' batches, in the order of the batches.
  func merged(_ bundles: [Data]) throws -> [WeightedLoss] {
    try bundles.enumerated().flatMap { rank, data in
      let count = numbers.count * (rank + 1) / ranks.count - numbers.count * rank / ranks.count
      return try [WeightedLoss](TensorBundle.tensors(data), count: count)
    }
  }

  /// Changes when a parameter does that has a gradient.
  private func layout(of gradients: Gradients) -> UInt64 {
    var hash = ContentHash()
    model.forEachParameter { place, parameter in
      if gradients[parameter] != nil { hash.update(Data("\(place.path)\n".utf8)) }
    }
    return hash.value
  }

  /// The gradients, summed over the ranks; with `shards`, those of this rank's parameters alone.
  ///
  /// - Parameter own: Those of this rank, which are taken out, so that each is changed in place.
  private func summed(_ own: inout Gradients) throws -> Gradients {
    guard let shards else { return try summedEverywhere(&own) }
    let parameters = shards.dealt(of: model) { own[$0] == nil ? nil : $0 }
    var sums = shards.dealt(of: model) { own.take($0) }
    try exchange.reduce(&sums)
    return Gradients(parameters[ranks.rank], sums[ranks.rank])
  }

  /// Parameters come in reverse order, as the backward pass finishes them.
  private func summedEverywhere(_ own: inout Gradients) throws -> Gradients {
    var (parameters, sums) = ([Tensor](), [Tensor]())
    model.forEachParameter { _, parameter in
      guard let gradient = own.take(parameter) else { return }
      parameters.append(parameter)
      sums.append(gradient)
    }
    (parameters, sums) = (parameters.reversed(), sums.reversed())
    try exchange.sum(&sums)
    return Gradients(parameters, sums)
  }

  /// The norms of the summed gradients. Each rank squares the gradients of its share of the parameters, so that all
  /// clip by the same bits, also where their CPUs differ.
  private func norms(of gradients: Gradients) throws -> GradientNorms {
    var (parameters, owners) = ([Tensor](), [Int]())
    model.forEachParameter { place, parameter in
      parameters.append(parameter)
      owners.append(shards?.owner(of: place.path) ?? 0)
    }
    if shards == nil { owners = ranks.owners(of: parameters.count) }
    let sums = zip(parameters, owners).filter { $1 == ranks.rank }.map { parameter, _ in
      gradients[parameter]?.sumOfSquares() ?? 0
    }
    let all = try ranks.gather(sums.withUnsafeBytes { Data($0) }, ranks.patience)
    var rest = all.map { $0.doubles.makeIterator() }
    return GradientNorms(of: model, sumsOfSquares: owners.map { rest[$0].next()! })
  }
}

extension Gradients {
  /// The gradients of these parameters, in the same order.
  fileprivate init(_ parameters: [Tensor], _ gradients: [Tensor]) {
    self.init()
    for (parameter, gradient) in zip(parameters, gradients) { self[parameter] = gradient }
  }

  /// The gradient of a parameter, which is gone then.
  fileprivate mutating func take(_ parameter: Tensor) -> Tensor? {
    defer { self[parameter] = nil }
    return self[parameter]
  }
}

extension Data {
  /// Its bytes as numbers.
  fileprivate var doubles: [Double] {
    withUnsafeBytes { Array($0.bindMemory(to: Double.self)) }
  }
}

// MARK: - The same state on every rank

extension Trainer {
  /// Gives every rank the state of the first: all that steps change.
  /// - Throws: `ClusterError`; `ModelError` if the ranks build other models.
  mutating func takeStateOfFirst() throws {
    guard ranks.count > 1 else { return }
    update = UpdateInProgress()
    let bundle = ranks.isFirst ? bundle : [:]
    if let shards { optimizer.keepMoments(of: shards.paths(of: ranks.rank)) }
    let moments = Set(optimizer.state.keys.map { Replica<Model>.moments + $0 })
    let received = try ranks.broadcast(bundle) { isNeeded($0, moments) }
    if !ranks.isFirst { try restore(received) }
    local?.others = [:]
  }

  /// This trainer with the moments and replicas of all ranks, on the first of them: what a checkpoint holds. A collective
  /// call.
  /// - Throws: `ClusterError`.
  func gathered() throws -> Trainer {
    guard shards != nil else { return try gatheringReplicas() }
    var whole = self
    whole.optimizer = optimizer.joined(with: try ranks.collect(optimizer.state))
    return whole
  }

  private static var made: String { "step" }
  private static var averages: String { "average." }

  /// The whole state by name.
  private var bundle: [String: Tensor] {
    var bundle = replicas[0].state.merging(replicaBundle) { $1 }
    bundle[Self.made] = Tensor([Int32(step)], shape: [1])
    guard let average else { return bundle }
    for (path, tensor) in average.applied(to: model).state {
      bundle[Self.averages + path] = tensor
    }
    return bundle
  }

  /// Whether this rank, which has these moments, has a place for a tensor of the first one's bundle.
  private func isNeeded(_ name: String, _ moments: Set<String>) -> Bool {
    if name.contains("/") { return replicaBeginnings.contains { name.hasPrefix($0) } }
    return !name.hasPrefix(Replica<Model>.moments) || moments.contains(name)
  }

  private mutating func restore(_ bundle: [String: Tensor]) throws {
    if average != nil {
      var copy = model
      try copy.load(bundle.named(after: Self.averages))
      average?.restore(from: copy)
    }
    if local == nil {
      try replicas[0].restore(bundle)
    } else {
      try restoreReplicas(bundle, first: bundle)
    }
    step = Int(bundle[Self.made]?.integers.first ?? 0)
  }

  /// Checks that every rank has the same parameters to the bit, and the same moments if none is another rank's.
  /// - Throws: `ClusterError.differs` with the rank that has others.
  func checkReplicas() throws {
    guard ranks.count > 1, isJoined else { return }
    let haveAll = shards == nil && local == nil
    var hash = ContentHash()
    for (name, tensor) in state where haveAll || !name.hasPrefix(Replica<Model>.moments) {
      hash.update(name, tensor)
    }
    let all = try ranks.gather(hash.value, ranks.patience)
    guard let other = all.firstIndex(where: { $0 != all[0] }) else { return }
    throw ClusterError.differs(
      "\(ranks.name(of: other)) has other weights than \(ranks.name(of: 0)) after step \(step); "
        + "their CPUs or libraries compute other bits")
  }
}

/// Seconds from one lap to the next.
struct LapWatch {
  private var start = ContinuousClock.now

  mutating func lap() -> Double {
    let now = ContinuousClock.now
    defer { start = now }
    return (now - start) / .seconds(1)
  }
}
