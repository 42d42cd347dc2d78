import Cluster
import Models
import Optimisation
import Pretrain
import Tensor

/// Replicas that train by themselves and are joined from time to time: `training.local`.
///
/// With the same replicas and batches the bits do not depend on how many ranks share the replicas, as long as each has a
/// power of two of them.
struct LocalReplicas: Sendable {
  let config: LocalSteps
  /// Those of this rank.
  let own: Range<Int>
  /// What joins all of them.
  var outer: OuterStep
  /// On the first rank the states of other ranks' replicas, by number, while they are read or written.
  var others: [Int: [String: Tensor]] = [:]

  /// - Parameters:
  ///   - config: The numbers of the recipe.
  ///   - ranks: The ranks that share the replicas, the same number each.
  ///   - replica: Any of them, which are all equal.
  init(_ config: LocalSteps, among ranks: Ranks, each replica: Replica<some Learner>) {
    self.config = config
    own = ranks.share(of: config.replicas)
    outer = OuterStep(config, of: replica.model, trainedBy: replica.optimizer.numbers)
  }

  /// Which of the batches of a step a replica has.
  func block(of replica: Int, in numbers: Range<Int>) -> Range<Int> {
    let (first, length) = (numbers.lowerBound, numbers.count / config.replicas)
    return first + replica * length..<first + (replica + 1) * length
  }
}
