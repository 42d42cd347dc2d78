import Models
import Pretrain

// Settings of the published yaml files that have no effect there, or none here. A recipe that names one is
// refused with the reason, so that nobody believes it did something. Each was read in the published code.

extension AudioEncoder.Config {
  /// HuBERT's and MERT's.
  public static let refusals = [
    "attentionrelax": "has no effect: softmax((s / c - max) c) is softmax(s), and MERT's published code never "
      + "reaches it; leave it out",
    "attentionrelaxation": "has no effect: softmax((s / c - max) c) is softmax(s), and MERT's published code "
      + "never reaches it; leave it out",
    "dropoutfeatures": "has no effect: fairseq applies it to a copy of the features that nothing reads; "
      + "leave it out",
    "subln": "has no effect: MERT's code never hands it to a layer; leave it out",
    "requiredseqlenmultiple": "has no effect on the frames that are kept; leave it out",
    "checkpointactivations": "is training.activationCheckpointing here",
    "encoderlayerdrop": "is encoder.layerDrop here",
  ]
}

extension CodePrediction.Config {
  /// HuBERT's and MERT's.
  public static let refusals = [
    "skipmasked": "has no effect: set objective.maskedWeight to 0 instead",
    "skipnomask": "has no effect: logits that weigh 0 are never computed here; leave it out",
    "untiefinalproj": "is objective.codes.tied here, turned round",
    "logittemp": "is objective.codes.temperature here",
    "finaldim": "is objective.codes.width here",
  ]
}

extension SpanMask.Config {
  /// fairseq's `compute_mask_indices`.
  public static let refusals = [
    "requiresamemasks": "is always so here; leave it out",
    "nomaskoverlap": "spans overlap, as in every published recipe; leave it out",
    "maskminspace": "has no effect while spans overlap; leave it out",
    "maskselection": "spans have one length, as in every published recipe; set mask.spanFrames",
    "maskorigin": "has no effect without mask_replace, which no published recipe uses; leave it out",
  ]
}

extension CropSampler.Config {
  /// fairseq's tasks.
  public static let refusals = [
    "padaudio": "crops are never padded: group norm would hear it; leave it out",
    "randomcrop": "is always so here; leave it out",
    "shardingdata": "a collection is read from disk, not held in memory; leave it out",
    "loadrandomdatashard": "a collection is read from disk, not held in memory; leave it out",
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
