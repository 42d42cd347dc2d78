import Audio
import Foundation
import Models
import Optimisation
import Pretrain
import Settings
import Tensor
import YAML

extension Recipe {
  /// Checks that the parts, which are checked by themselves, fit together.
  public func validate() throws(InvalidSetting) {
    try require("seed", seed, in: 0...Int.max)
    try requireFolderName("name", name)
    try validateObjective()
    try requireWholeSchedule(schedule, steps: training.steps)
    try validateEncoder()
    try validateTeachers()
    try validateViews()
    try validateCrops()
    try validateMeasure()
    for head in objective.heads { try validate(head) }
  }

  private func validateObjective() throws(InvalidSetting) {
    let sources = objective.heads.map { type(of: $0).source }
    try require(
      !sources.isEmpty, "",
      "no objective, so this is a part that other recipes extend; choose one of those, or name what to "
        + "predict in objective, as objective.cqt ('etude recipe --reference' lists all)")
    try require(
      sources.contains(.labels) == !teacher.codebooks.isEmpty, "objective.codes",
      "belongs together with teacher.kmeans or another teacher of labels: set both or neither",
      against: [
        "teacher.kmeans", "teacher.rvq", "teacher.randomProjection", "teacher.projectedRVQ",
      ])
    try require(
      sources.contains(.teacher) == (teacher.ema != nil), "objective.regression",
      "belongs together with teacher.ema: set both or neither", against: ["teacher.ema"])
  }

  private func validateMeasure() throws(InvalidSetting) {
    let hasCodes =
      objective.codes != nil || objective.randomProjection != nil || objective.projectedRVQ != nil
    try require(
      validation?.measure != .accuracy || hasCodes, "validation.measure",
      "accuracy is that of predicted codes, and the objective has none; set it to loss",
      against: ["objective"])
  }

  private func validate(_ head: some HeadSetting) throws(InvalidSetting) {
    do {
      try head.validate(for: encoder)
    } catch {
      let path = "objective.\(type(of: head).name).\(error.path)"
      throw InvalidSetting(path, error.reason, against: error.others)
    }
  }

  private func validateEncoder() throws(InvalidSetting) {
    do throws(ModelError) {
      try encoder.checkWritable()
    } catch {
      guard case .setting(let path, let problem) = error else { return }
      throw InvalidSetting(path, problem)
    }
    if let top = teacher.ema?.targets.topLayers {
      try require(
        top <= encoder.layers, "teacher.ema.targets.topLayers",
        "\(top) layers are averaged of a model that has encoder.layers \(encoder.layers); set it to "
          + "1...\(encoder.layers)",
        against: ["encoder.layers"])
    }
  }

  /// What a crop has to be long enough for.
  private func validateCrops() throws(InvalidSetting) {
    let seconds = data.cropSeconds.inWords
    try require(
      cropFrames > 0, "data.cropSeconds",
      "\(seconds) s are shorter than one frame of the encoder, of "
        + "\(encoder.frontEnd.receptiveField) samples at \(encoder.sampleRate) Hz; raise it",
      against: ["encoder.sampleRate", "encoder.frontEnd.strides"])
    if mask.multi == nil, let needed = try? SpanMask(mask).minimumFrames {
      try require(
        needed <= cropFrames, "mask.spanFrames",
        "spans of \(mask.spanFrames) frames, at least \(mask.minimumSpans) of them, need crops of "
          + "\(needed) frames to leave one unmasked; those of data.cropSeconds \(seconds) have "
          + "\(cropFrames); lower it or raise that",
        against: ["mask.minimumSpans", "data.cropSeconds", "mask.probability"])
    }
    if let longest = mixing?.snippetSamples.upperBound {
      try require(
        longest <= cropSamples, "mixing.snippetSamples",
        "snippets of up to \(longest) samples do not fit crops of \(cropSamples) samples; lower it "
          + "or raise data.cropSeconds",
        against: ["data.cropSeconds", "encoder.sampleRate"])
    }
  }
}
