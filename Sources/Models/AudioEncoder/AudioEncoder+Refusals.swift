// Settings of the published yaml files that have no effect there, or none here. A recipe that names one is
// refused with the reason, so that no setting is without effect. Each was read in the published code.

extension AudioEncoder.Config {
  /// HuBERT's and MERT's.
  public static let refusals = [
    "attentionrelax":
      "has no effect: softmax((s / c - max) c) is softmax(s), and MERT's published code never "
      + "reaches it; leave it out",
    "attentionrelaxation":
      "has no effect: softmax((s / c - max) c) is softmax(s), and MERT's published code "
      + "never reaches it; leave it out",
    "dropoutfeatures":
      "has no effect: fairseq applies it to a copy of the features that nothing reads; "
      + "leave it out",
    "deepnorm": "is encoder.normOrder: deep here",
    "docnnfeatstablelayernorm": "is encoder.projectionNorm: around here",
    "featureextractorcqt":
      "is not built: MERT's code computes that spectrum 50 times a second and lays it beside frames "
      + "of which there are 75; no published model has it",
    "subln": "has no effect: MERT's code never hands it to a layer; leave it out",
    "requiredseqlenmultiple": "has no effect on the frames that are kept; leave it out",
    "checkpointactivations": "is training.activationCheckpointing here",
    "encoderlayerdrop": "is encoder.layerDrop here",
  ]
}
