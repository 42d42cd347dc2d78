import Models
import Pretrain
import Tensor

/// How many views a recipe with `mask.multi` makes of a crop, and of what length, for plans.
struct ViewCounts {
  /// Views of a crop.
  let masks: Int
  /// Frames of a crop.
  let frames: Int
  /// Frames that a view keeps.
  let kept: Int

  /// Frames that are predicted, over all views of a crop.
  var predicted: Double { Double(masks) * Double(frames - kept) }
  /// Frames of all views of a crop, kept or not.
  var whole: Double { Double(masks) * Double(frames) }
}

extension Recipe {
  /// Those of its crops; nil without `mask.multi`.
  var views: ViewCounts? {
    guard let multi = mask.multi else { return nil }
    let masked = (try? MultiMask(multi, of: mask.spans))?.maskedCount(frames: cropFrames) ?? 0
    return ViewCounts(masks: multi.masks, frames: cropFrames, kept: cropFrames - masked)
  }

  /// What the decoder of the views costs at one frame; nothing without one.
  var decoderCost: BlockCost {
    objective.regression?.decoder?.cost(from: encoder.width) ?? BlockCost()
  }

  /// Rows of a batch that go through the layers, and the frames of each.
  var layerRows: (count: Int, frames: Int) {
    let crops = training.batchSize
    return views.map { (crops * $0.masks, $0.kept) } ?? (crops, cropFrames)
  }
}

extension AudioEncoder.Config {
  /// Forward multiplications from the projection to the last layer for views of a crop: one projection, positions for
  /// each view as a whole, layers over the frames that it keeps.
  ///
  /// - Parameter share: Of the layers, those that run.
  func products(of views: ViewCounts, keepingLayers share: Double) -> Double {
    let projection = Double(views.frames) * Double(frontEnd.channels.last!) * Double(width)
    let positions = transformerProducts(frames: views.frames, keepingLayers: 0) - projection
    let layer = Double(views.kept) * Double(layerCost(frames: views.kept).products)
    return projection + Double(views.masks) * (positions + layer * Double(layers) * share)
  }
}
