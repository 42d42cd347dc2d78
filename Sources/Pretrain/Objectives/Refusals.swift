// Settings of the published yaml files that have no effect there, or none here. A recipe that names one is
// refused with the reason, so that no setting is without effect. Each was read in the published code.

extension CodePrediction.Config {
  /// HuBERT's and MERT's.
  public static let refusals = [
    "skipmasked": "is an objective.maskedWeight of 0 here",
    "skipnomask": "has no effect: logits that weigh 0 are never computed here; leave it out",
    "untiefinalproj": "is objective.codes.tied here, turned round",
    "logittemp": "is objective.codes.temperature here",
    "finaldim": "is objective.codes.width here",
  ]
}

extension MaskSetting {
  /// fairseq's `compute_mask_indices`.
  public static let refusals = [
    "requiresamemasks": "is always so here; leave it out",
    "nomaskoverlap": "spans overlap, as in every published recipe; leave it out",
    "maskminspace": "has no effect while spans overlap; leave it out",
    "maskselection": "spans have one length, as in every published recipe; set mask.spanFrames",
    "maskorigin":
      "has no effect without mask_replace, which no published recipe uses; leave it out",
  ]
}
