import Models
import Pretrain
import Tensor
import TestSupport
import Testing

/// Codes that a step computes, of heads that have no settings for their variety.
@Suite struct CodeWatchTests {
  private static let heads = ["randomProjection", "projectedRVQ"]

  private func watched(_ head: String, codes: Int = 8) throws -> (MaskedPretraining, Batch) {
    var objective = Objective()
    if head == "randomProjection" {
      objective.randomProjection = RandomProjectionPrediction.Config()
      (objective.randomProjection!.codes, objective.randomProjection!.codebooks) = (codes, 2)
    } else {
      objective.projectedRVQ = ProjectedCodePrediction.Config()
      (objective.projectedRVQ!.codes, objective.projectedRVQ!.codebooks) = (codes, 2)
    }
    let tiny = TinyPretraining { $0.objective = objective }
    var batch = tiny.batch
    let alike = [Int32](repeating: 1, count: 2 * 19 * 2)
    batch.targets[head] = Tensor(alike, shape: [2, 19, 2])
    return (try tiny.learner(), batch)
  }

  @Test(arguments: heads)
  func codesThatAreAllAlikeStopTheRun(head: String) throws {
    var (learner, batch) = try watched(head)
    let loss = try learner.loss(
      of: batch, in: .training(seed: 1, step: 0, samples: [0, 1]))
    for book in 0..<2 {
      #expect(loss.terms["\(head).targetPerplexity.\(book)"] == 1)
      #expect(loss.terms["\(head).targetUsage.\(book)"] == 0.125)
    }
    for step in 1...49 { learner.follow(step: step, observing: [loss.observations]) }
    _ = try learner.loss(of: batch, in: .evaluating())
    let kept = learner.companions
    learner.follow(step: 50, observing: [loss.observations])
    expectError(
      "objective.\(head).0: the codes have collapsed: their perplexity is 1.0 over all codes of the last 50 "
        + "steps, below 2, so", head == "randomProjection" ? "other features" : "another quantiser"
    ) { _ = try learner.loss(of: batch, in: .evaluating()) }
    // A kept state goes on; a checkpoint of a version that did not watch them begins anew.
    for companions in [kept, [:]] {
      var other = try watched(head).0
      try other.restore(companions: companions)
      other.follow(step: 50, observing: [loss.observations])
      let words = complaint { _ = try other.loss(of: batch, in: .evaluating()) }
      #expect(words.contains("collapsed") == !companions.isEmpty, "\(words)")
    }
    #expect(throws: ModelError.self) { try learner.restore(companions: [head: [:]]) }
  }

  /// Two codes cannot have more than a perplexity of 2.
  @Test(arguments: heads)
  func fewCodesThatVaryGoOn(head: String) throws {
    let (first, batch) = try watched(head, codes: 2)
    var learner = first
    let codes = Dictionary(
      uniqueKeysWithValues: (0..<2).map { ("\(head).\($0).codes", Tensor([0, 1, 1] as [Int32])) })
    for step in 1...60 { learner.follow(step: step, observing: [codes]) }
    _ = try learner.loss(of: batch, in: .evaluating())
  }
}
