import Audio
import Cluster
import Foundation
import Pretrain
import TestSupport
import Testing
import Train

/// Trains with several ranks in a folder; what each failed by, nil of one that did not.
@discardableResult
func train(
  _ recipe: some TrainingRecipe, ranks: Int, in folder: URL, of studio: TinyStudio,
  until limit: Int? = nil, wire: GradientExchange.Wire = .fp32, sharding: Bool = false,
  watch: @escaping @Sendable (Int, TrainingEvent) -> Void = { _, _ in }
) -> [String?] {
  let (music, scratch) = (studio.music.path, studio.folder.url)
  return ThreadCommunicator.outcomes(ranks: ranks, patience: Patience(seconds: 60)) { ranks in
    let job = try TrainingJob(
      recipe, data: Manifest.scan(music, minimumSeconds: 0.1), scratch: scratch,
      placement: Placement(ranks, wire: wire, shardsOptimizer: sharding)
    ) { watch(ranks.rank, $0) }
    try job.train(in: folder, labels: folder.labels, .resumingIfThere, until: limit)
  }.map { outcome in
    guard case .failure(let error) = outcome else { return nil }
    return "\(error)"
  }
}

/// Fails unless the checkpoints of two runs at a step are equal byte for byte, and their logs but for times.
func expectEqual(_ a: String, _ b: String, step: Int, _ studio: TinyStudio) throws {
  let (first, second) = (try studio.checkpoint(step, of: a), try studio.checkpoint(step, of: b))
  #expect(first.keys.sorted() == second.keys.sorted())
  for (file, bytes) in first { #expect(second[file] == bytes, "\(b): \(file)") }
  #expect(try studio.log(of: a) == studio.log(of: b), "\(b)")
}
