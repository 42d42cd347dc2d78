// Settings of the published yaml files that have no effect there, or none here. A recipe that names one is
// refused with the reason, so that no setting is without effect. Each was read in the published code.

/// Labels are held as four bytes for each frame and label set.
private let audioStaysOnDisk =
  "audio is read from disk, and only labels are held in memory, so a collection is never cut into shards; "
  + "leave it out"

extension CropSampler.Config {
  /// fairseq's tasks.
  public static let refusals = [
    "padaudio": "crops are never padded: group norm would hear it; leave it out",
    "randomcrop": "is always so here; leave it out",
    "shardingdata": audioStaysOnDisk,
    "loadrandomdatashard": audioStaysOnDisk,
    "normalize": "is encoder.normalizesWaveform here",
    "maxsamplesize": "is data.cropSeconds here",
  ]
}

extension Recipe.Training {
  /// fairseq's trainer.
  public static let refusals = [
    "fp16": "overflows where bfloat16 does not; set training.precision to bf16",
    "updatefreq": "is training.accumulation here",
    "maxtokens": "is training.batchSize here, in crops",
    "maxupdate": "is training.steps here",
    "saveinterval": "is training.checkpointEvery here",
  ]
}

extension Recipe {
  /// A recipe of another kind.
  public static let refusals = [
    "kind":
      "here a recipe of masked pre-training is needed, which has none; 'etude pretrain' trains "
      + "recipes of other kinds"
  ]
}
