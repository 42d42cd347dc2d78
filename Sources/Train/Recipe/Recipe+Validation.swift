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
    try validatePairs()
    try validateMeasure()
    try validateLocalSteps()
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
        "teacher.layerRVQ",
      ])
    try require(
      sources.contains(.teacher) == (teacher.ema != nil), "objective.regression",
      "belongs together with teacher.ema: set both or neither", against: ["teacher.ema"])
  }

  /// That replicas are one model when they are validated.
  private func validateLocalSteps() throws(InvalidSetting) {
    guard let local = training.local, let validation else { return }
    let times = [("every", validation.every), ("probe.every", validation.probe?.every ?? 0)]
    for (name, every) in times {
      try require(
        every % local.steps == 0, "validation.\(name)",
        "is \(every), when replicas are not joined, as they are every training.local.steps \(local.steps); set it to a "
          + "multiple", against: ["training.local.steps"])
    }
  }

  private func validateMeasure() throws(InvalidSetting) {
    let hasCodes =
      objective.codes != nil || objective.randomProjection != nil || objective.projectedRVQ != nil
      || objective.tokens != nil
    try require(
      validation?.measure != .accuracy || hasCodes, "validation.measure",
      "accuracy is that of predicted codes, and the objective has none; set it to loss",
      against: ["objective"])
  }

  private func validate(_ head: some HeadSetting) throws(InvalidSetting) {
    if let layer = head.layers.first(where: { !(1..<chosenEncoder.layers).contains($0) }) {
      throw InvalidSetting(
        "objective.\(type(of: head).name)",
        "reads layer \(layer), and \(encoderSetting).layers is \(chosenEncoder.layers); choose a layer below "
          + "that, or leave it out for what leaves the encoder",
        against: ["\(encoderSetting).layers"])
    }
    do {
      try head.validate(for: chosenEncoder)
    } catch {
      // A head calls every encoder that of `encoder`.
      func named(_ text: String) -> String {
        text.replacing("encoder.", with: encoderSetting + ".")
      }
      let path = "objective.\(type(of: head).name).\(error.path)"
      throw InvalidSetting(path, named(error.reason), against: error.others.map(named))
    }
  }

  private func validateEncoder() throws(InvalidSetting) {
    if melEncoder != nil { try validateMelEncoder() } else { try validateAudioEncoder() }
    if let top = teacher.ema?.targets.topLayers {
      let setting = "\(encoderSetting).layers"
      try require(
        top <= chosenEncoder.layers, "teacher.ema.targets.topLayers",
        "\(top) layers are averaged of a model that has \(setting) \(chosenEncoder.layers); set it to "
          + "1...\(chosenEncoder.layers)",
        against: [setting])
    }
  }

  /// What has no effect on an encoder over mel frames.
  private func validateMelEncoder() throws(InvalidSetting) {
    try require(
      encoder == AudioEncoder.Config(), "encoder",
      "has no effect beside melEncoder; leave one of them out", against: ["melEncoder"])
    try require(
      objective.featurePenalty == 0, "objective.featurePenalty",
      "has no effect on melEncoder, whose input is not learned; leave it out",
      against: ["melEncoder"])
    try require(
      teacher.ema?.averagesPositions != true, "teacher.ema.averagesPositions",
      "has no effect on melEncoder, whose positions are not learned; leave it out",
      against: ["melEncoder"])
  }

  private func validateAudioEncoder() throws(InvalidSetting) {
    do throws(ModelError) {
      try encoder.checkWritable()
    } catch {
      guard case .setting(let path, let problem) = error else { return }
      throw InvalidSetting(path, problem)
    }
  }

  /// That crops are long enough for the mask.
  private func validateMask() throws(InvalidSetting) {
    guard let needed = try? mask.mask(frameRate: chosenEncoder.frameRate).minimumFrames else {
      return
    }
    if let windows = mask.windows {
      return try require(
        needed <= cropFrames, "mask.windows.seconds",
        "windows of \(windows.seconds.inWords) s need crops of \(needed) frames to leave one unmasked; those of "
          + "data.cropSeconds \(data.cropSeconds.inWords) have \(cropFrames); lower it or raise that",
        against: ["data.cropSeconds"])
    }
    if mask.multi != nil {
      return try require(
        needed <= cropFrames, "mask.probability",
        "\(mask.probability.inWords) of the \(cropFrames) frames of a crop are fewer than two to predict; raise it "
          + "or data.cropSeconds",
        against: ["data.cropSeconds"])
    }
    try require(
      needed <= cropFrames, "mask.spanFrames",
      "spans of \(mask.spanFrames) frames, at least \(mask.minimumSpans) of them, need crops of "
        + "\(needed) frames to leave one unmasked; those of data.cropSeconds "
        + "\(data.cropSeconds.inWords) have \(cropFrames); lower it or raise that",
      against: ["mask.minimumSpans", "data.cropSeconds", "mask.probability"])
  }

  /// That crops have partners if they are compared.
  private func validatePairs() throws(InvalidSetting) {
    try require(
      objective.contrast == nil || data.cropsPerFile == 2, "data.cropsPerFile",
      "is \(data.cropsPerFile), but objective.contrast compares two crops of each file; set it to 2",
      against: ["objective.contrast"])
    try require(
      objective.contrast == nil || training.batchSize % 2 == 0 && training.batchSize > 2,
      "training.batchSize",
      "is \(training.batchSize), but objective.contrast compares pairs of crops; set it to an even number from 4 on",
      against: ["objective.contrast"])
  }

  /// What a crop has to be long enough for.
  private func validateCrops() throws(InvalidSetting) {
    let seconds = data.cropSeconds.inWords
    try require(
      cropFrames > 0, "data.cropSeconds",
      "\(seconds) s are shorter than one frame of the encoder, of "
        + "\(chosenEncoder.receptiveField) samples at \(sampleRate) Hz; raise it",
      against: ["\(encoderSetting).sampleRate"]
        + (melEncoder == nil ? ["encoder.frontEnd.strides"] : ["melEncoder.input.hopLength"]))
    try validateMask()
    if let longest = mixing?.snippetSamples.upperBound {
      try require(
        longest <= cropSamples, "mixing.snippetSamples",
        "snippets of up to \(longest) samples do not fit crops of \(cropSamples) samples; lower it "
          + "or raise data.cropSeconds",
        against: ["data.cropSeconds", "\(encoderSetting).sampleRate"])
    }
  }
}
