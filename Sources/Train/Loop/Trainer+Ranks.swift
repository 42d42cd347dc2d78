import Cluster
import Files
import Foundation
import Models
import Optimisation
import Pretrain
import Tensor

extension Trainer {
  /// One optimiser step of all ranks: each computes a block of the step's batches, all tell each other how that went,
  /// and the gradients are summed. Every rank then makes the same update.
  ///
  /// - Parameter askingToStop: Whether this rank was asked to stop.
  /// - Returns: What the step did, whether any rank was asked to stop, and where the time went.
  /// - Throws: As `advance`. The trainer is then as it was before, on every rank.
  mutating func advanceTogether(
    askingToStop: Bool
  ) throws -> (outcome: StepOutcome, isAskedToStop: Bool, pace: RankPace.Step) {
    var watch = LapWatch()
    let computed = Result { try addOwnBatches() }
    var own = takeUpdate()
    let losses = computed.flatMap { Result { try TensorBundle.data(own.losses.tensors) } }
    let agreement = try ControlExchange(among: ranks).exchange(
      ControlExchange.Report(
        step: step, outcome: losses, asksToStop: askingToStop, layout: layout(of: own.gradients),
        seconds: watch.lap()))
    let waiting = watch.lap()
    let sums = try summed(&own.gradients)
    let norms = try norms(of: sums)
    let pace = RankPace.Step(
      computing: agreement.seconds, waiting: waiting, exchanging: watch.lap())
    let outcome = makeUpdate(try merged(agreement.outcomes), along: sums, norms)
    return (outcome, agreement.isAskedToStop, pace)
  }

  private mutating func addOwnBatches() throws {
    let block = ranks.share(of: numbers.count)
    for number in block { try addBatch(numbers.lowerBound + number) }
  }

  /// The losses of all ranks' batches, in the order of the batches.
  private func merged(_ bundles: [Data]) throws -> [WeightedLoss] {
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

  /// The gradients, summed over the ranks. Parameters come in reverse order, as the backward pass finishes them.
  ///
  /// - Parameter own: Those of this rank, which are taken out, so that each is changed in place.
  private func summed(_ own: inout Gradients) throws -> Gradients {
    var (parameters, sums) = ([Tensor](), [Tensor]())
    model.forEachParameter { _, parameter in
      guard let gradient = own[parameter] else { return }
      parameters.append(parameter)
      sums.append(gradient)
      own[parameter] = nil
    }
    (parameters, sums) = (parameters.reversed(), sums.reversed())
    try exchange.sum(&sums)
    var gradients = Gradients()
    for (parameter, sum) in zip(parameters, sums) { gradients[parameter] = sum }
    return gradients
  }

  /// The norms of the summed gradients. Each rank squares the gradients of its share of the parameters, so that all
  /// clip by the same bits, also where their CPUs differ.
  private func norms(of gradients: Gradients) throws -> GradientNorms {
    var parameters: [Tensor] = []
    model.forEachParameter { parameters.append($1) }
    let sums = ranks.share(of: parameters.count).map {
      gradients[parameters[$0]]?.sumOfSquares() ?? 0
    }
    let all = try ranks.gather(sums.withUnsafeBytes { Data($0) }, ranks.patience)
    let values = all.flatMap { data in
      data.withUnsafeBytes { Array($0.bindMemory(to: Double.self)) }
    }
    return GradientNorms(of: model, sumsOfSquares: values)
  }
}

// MARK: - The same state on every rank

extension Trainer {
  /// Gives every rank the state of the first: all that steps change.
  /// - Throws: `ClusterError`; `ModelError` if the ranks build other models.
  mutating func takeStateOfFirst() throws {
    guard ranks.count > 1 else { return }
    update = UpdateInProgress()
    let bundle = try ranks.broadcast(ranks.isFirst ? bundle : [:])
    if !ranks.isFirst { try restore(bundle) }
  }

  private static var counts: String { "counts" }

  /// The whole state by name.
  private var bundle: [String: Tensor] {
    var bundle = [Self.counts: Tensor([Int32(step), Int32(optimizer.step)], shape: [2])]
    for (path, tensor) in model.state { bundle["model." + path] = tensor }
    for (name, tensor) in optimizer.state { bundle["optimizer." + name] = tensor }
    for (file, tensors) in model.companions {
      for (name, tensor) in tensors { bundle["companions.\(file).\(name)"] = tensor }
    }
    if let average {
      for (path, tensor) in average.applied(to: model).state { bundle["average." + path] = tensor }
    }
    return bundle
  }

  private mutating func restore(_ bundle: [String: Tensor]) throws {
    let counts = bundle[Self.counts]?.integers ?? [0, 0]
    if average != nil {
      var copy = model
      try copy.load(bundle.named(after: "average."))
      average?.restore(from: copy)
    }
    try model.load(bundle.named(after: "model."))
    model.trackGradients()
    model.freeze(by: optimizer.numbers)
    try optimizer.restore(bundle.named(after: "optimizer."), step: Int(counts[1]))
    let files = model.companions.keys
    try model.restore(
      companions: Dictionary(
        uniqueKeysWithValues: files.map { ($0, bundle.named(after: "companions.\($0).")) }))
    step = Int(counts[0])
  }

  /// Checks that every rank has the same parameters and moments to the bit.
  /// - Throws: `ClusterError.differs` with the rank that has others.
  func checkReplicas() throws {
    guard ranks.count > 1 else { return }
    var hash = ContentHash()
    for (name, tensor) in state { hash.update(name, tensor) }
    let all = try ranks.gather(hash.value, ranks.patience)
    guard let other = all.firstIndex(where: { $0 != all[0] }) else { return }
    throw ClusterError.differs(
      "\(ranks.name(of: other)) has other weights than \(ranks.name(of: 0)) after step \(step); "
        + "their CPUs or libraries compute other bits")
  }
}

extension [String: Tensor] {
  /// Those whose names begin so, by the rest of their names.
  fileprivate func named(after beginning: String) -> [String: Tensor] {
    Dictionary(
      uniqueKeysWithValues: filter { $0.key.hasPrefix(beginning) }.map {
        (String($0.key.dropFirst(beginning.count)), $0.value)
      })
  }
}

/// Seconds from one lap to the next.
private struct LapWatch {
  private var start = ContinuousClock.now

  mutating func lap() -> Double {
    let now = ContinuousClock.now
    defer { start = now }
    return (now - start) / .seconds(1)
  }
}
