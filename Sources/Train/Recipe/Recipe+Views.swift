import Models
import Pretrain
import Settings

extension Recipe {
  /// Checks that several masks of a crop, if it has them, have a decoder, nothing else to predict, and frames.
  func validateViews() throws(InvalidSetting) {
    try require(
      (mask.multi == nil) == (objective.regression?.decoder == nil), "mask.multi",
      "belongs together with objective.regression.decoder: set both or neither",
      against: ["objective.regression.decoder"])
    guard mask.multi != nil else { return }
    try require(
      objective.heads.count == 1, "mask.multi",
      "leaves masked frames out, which only objective.regression can predict; leave out the other objectives",
      against: ["objective"])
    try require(
      melEncoder == nil && encoder.rotary == nil, "mask.multi",
      "leaves frames out, which needs an encoder with a positional convolution; leave out melEncoder and rotary",
      against: [melEncoder == nil ? "encoder.rotary" : "melEncoder"])
  }
}
