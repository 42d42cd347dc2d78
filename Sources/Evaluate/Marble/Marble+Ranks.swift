import Cluster
import Files
import Foundation
import Tensor
import Train

extension Marble {
  /// Checks that all ranks are of one build and score the same.
  /// - Throws: `ClusterError.differs`.
  func checkRanks(_ opened: OpenedTasks) throws {
    guard ranks.count > 1 else { return }
    try ranks.checkBuild()
    let models = embedders.map { "\($0.name) \($0.hash)" }
    let items = opened.present.flatMap { task, dataset in
      [task.name] + dataset.items.map { "\($0.name) \($0.split) \($0.path)" }
    }
    try ranks.check(
      "list of models and items",
      is: (models + items + ["\(setting) \(grid) \(store.folder.path)"]).joined(separator: "\n"))
  }

  /// Embeds what is not embedded yet, each block of clips by one rank. One process embeds what a task needs when its
  /// turn comes.
  func embedTogether(_ tasks: [OpenedTasks.Opened]) throws {
    guard ranks.count > 1 else { return }
    let batches = batches(for: tasks)
    let locks = try ranks.agree {
      try ranks.isFirst ? batches.map { try FolderLock($0.shelf.folder) } : []
    }
    try withExtendedLifetime(locks) {
      let missing = try ranks.lead { try batches.map { try $0.missing() } }
      let blocks = zip(batches, missing).flatMap { $0.blocks(of: $1) }
      _ = try jobs.run(blocks.map { "embed \($0.batch.task) by \($0.batch.shelf.embedder.name)" }) {
        try blocks[$0].embed(watch)
        return $0
      }
      try ranks.waitToSee(blocks.map(\.file))
    }
  }

  /// The clips of all tasks by each model, each once: tasks of one data set share vectors.
  private func batches(for tasks: [OpenedTasks.Opened]) -> [EmbeddingBatch] {
    var batches: [EmbeddingBatch] = []
    for embedder in embedders {
      for (task, dataset) in tasks where setting.fineTuning == nil {
        guard let cut = task.method.cut else { continue }
        let shelf = store.shelf(of: task.card.name, by: embedder, cut)
        let clips = dataset.items.map { AudioClip(path: $0.path, time: $0.time) }
        if let known = batches.firstIndex(where: { $0.shelf.folder == shelf.folder }) {
          batches[known].clips += clips
        } else {
          batches.append(EmbeddingBatch(task: task.name, shelf: shelf, clips: clips))
        }
      }
    }
    return batches
  }
}

/// Clips whose vectors lie on one shelf.
private struct EmbeddingBatch {
  /// The first task that needs them.
  let task: String
  let shelf: EmbeddingShelf
  var clips: [AudioClip]

  /// What a shelf lacks.
  struct Missing: Codable {
    /// The number of the next block.
    var first: Int
    /// The numbers of the clips.
    var clips: [Int]
  }

  /// What is missing; the folder is locked.
  func missing() throws -> Missing {
    try AtomicFile.removeUnfinished([""], in: shelf.folder)
    let (keys, blocks) = (Cores.map(clips.count) { clips[$0].key }, try shelf.blocks())
    return Missing(first: blocks.count, clips: EmbeddingShelf.missing(keys, in: blocks))
  }

  func blocks(of missing: Missing) -> [OpenBlock] {
    missing.clips.parts(of: shelf.cut.blockSize).enumerated().map {
      OpenBlock(
        batch: self, number: missing.first + $0, clips: $1, total: missing.clips.count)
    }
  }
}

/// A block that is to be embedded.
private struct OpenBlock {
  let batch: EmbeddingBatch
  let number: Int
  /// The numbers of its clips, a part of those that are missing.
  let clips: ArraySlice<Int>
  /// How many are missing.
  let total: Int

  var file: URL { batch.shelf.block(number) }

  func embed(_ watch: (Marble.Event) -> Void) throws {
    let own = clips.map { batch.clips[$0] }
    _ = try batch.shelf.embed(own, keys: own.map(\.key), as: number)
    watch(
      .embedding(
        batch.task, model: batch.shelf.embedder.name, clips.endIndex, of: total))
  }
}
