import Pretrain
import Settings

extension Recipe {
  /// Checks that several masks of a crop, if it has them, have a decoder, nothing else to predict, and frames.
  func validateViews() throws(InvalidSetting) {
    try require(
      (mask.multi == nil) == (objective.regression?.decoder == nil), "mask.multi",
      "belongs together with objective.regression.decoder: set both or neither",
      against: ["objective.regression.decoder"])
    guard let multi = mask.multi else { return }
    try require(
      objective.heads.count == 1, "mask.multi",
      "leaves masked frames out, which only objective.regression can predict; leave out the other objectives",
      against: ["objective"])
    guard cropFrames > 0, let views = try? MultiMask(multi, of: mask) else { return }
    try require(
      views.fits(frames: cropFrames), "mask.probability",
      "\(mask.probability.inWords) of the \(cropFrames) frames of a crop are "
        + "\(views.maskedCount(frames: cropFrames)); each mask needs at least 2, and leaves at least 1",
      against: ["data.cropSeconds"])
  }
}
