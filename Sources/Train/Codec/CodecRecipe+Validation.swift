import Models
import Pretrain
import Settings

extension CodecRecipe {
  /// Checks that the parts, which are checked by themselves, fit together.
  public func validate() throws(InvalidSetting) {
    try require(kind == "codec", "kind", "'\(kind.shortened)' is not codec")
    try require("seed", seed, in: 0...Int.max)
    try requireFolderName("name", name)
    try requireWholeSchedule(schedule, steps: training.steps)
    try validateCodec()
    try validateCrops()
    try require(
      validation?.measure != .accuracy, "validation.measure",
      "accuracy is that of predicted codes, and a codec predicts none; set it to loss")
    try require(
      validation?.probe == nil, "validation.probe",
      "is for encoders; 'etude codes evaluate' measures a codec")
    try require(
      codebooks.firstStep < training.steps, "codebooks.firstStep",
      "\(codebooks.firstStep) is not below training.steps \(training.steps), so that there would be no codes; lower "
        + "it or raise that",
      against: ["training.steps"])
  }

  private func validateCodec() throws(InvalidSetting) {
    try require(
      codec.channels == 1, "codec.channels",
      "\(codec.channels) channels cannot be trained, as audio is read in mono; set it to 1")
    try require(
      !codec.normalizesLoudness, "codec.normalizesLoudness",
      "is for published models; codecs are trained at the level of the files: set it to false")
    try require(
      !training.activationCheckpointing, "training.activationCheckpointing",
      "is for transformers, and a codec has none; set it to false")
    try require(
      training.local == nil, "training.local",
      "is for encoders: codebooks move by what all batches of a step observed; leave it out")
  }

  private func validateCrops() throws(InvalidSetting) {
    let (crops, frames) = (training.batchSize, cropFrames)
    try require(
      crops * frames >= codec.quantizer.codes, "training.batchSize",
      "\(crops) crops of data.cropSeconds \(data.cropSeconds.inWords) have \(crops * frames) frames, and "
        + "codec.quantizer.codes are \(codec.quantizer.codes): the first entries are centroids of the first "
        + "batch; raise it or data.cropSeconds",
      against: ["data.cropSeconds", "codec.quantizer.codes"])
    if let longest = losses.mel?.scales.windows.last {
      try requireShorter(longest, than: cropSamples, "losses.mel.scales.longestWindow")
    }
    if let longest = losses.adversary?.discriminators.windows.max() {
      try requireShorter(longest, than: cropSamples, "losses.adversary.discriminators.windows")
    }
    if let lowest = losses.mel?.scales.lowestFrequency {
      try require(
        lowest < Double(sampleRate) / 2, "losses.mel.scales.lowestFrequency",
        "\(lowest.inWords) Hz is not below half of codec.sampleRate \(sampleRate)",
        against: ["codec.sampleRate"])
    }
  }

  private func requireShorter(
    _ window: Int, than crop: Int, _ path: String
  ) throws(InvalidSetting) {
    try require(
      window <= crop, path,
      "\(window) samples are more than a crop of data.cropSeconds \(data.cropSeconds.inWords) has, \(crop); "
        + "lower it or raise that",
      against: ["data.cropSeconds", "codec.sampleRate"])
  }
}
