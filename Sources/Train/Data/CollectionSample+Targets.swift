import Models
import Pretrain
import Tensor

extension CollectionSample {
  /// What the heads are fitted to that are fitted before the first step: rows of their targets, spread over the crops,
  /// by the name of the head.
  /// There may be four times as many crops of them as for other statistics: clusters need more than means do.
  /// - Throws: As `crop`; `FileError` if a file that targets are computed with is missing or does not fit.
  func targets(for recipe: Recipe) throws -> [String: Tensor] {
    var all: [String: Tensor] = [:]
    for head in recipe.objective.heads {
      guard let head = head as? any FittedHeadSetting,
        let target = try head.target(for: recipe.chosenEncoder)
      else { continue }
      all[type(of: head).name] = try rows(
        of: target, most: head.fitFrames, cropFrames: recipe.cropFrames)
    }
    return all
  }

  /// So many rows of a target or fewer, from up to four times as many frames of crops.
  private func rows(of target: any CropTarget, most: Int, cropFrames: Int) throws -> Tensor {
    let more = CollectionSample(of: sampler, most: 4 * Self.mostCrops)
    let crops = min(more.count, max(1, 4 * most / cropFrames))
    let every = (crops * cropFrames + most - 1) / most
    let parts = try more.map(first: crops) { number, samples in
      let rows = target(samples)
      return rows.gatheringRows(Array(stride(from: number % every, to: rows.shape[0], by: every)))
    }
    return .concatenated(parts, axis: 0)
  }
}
