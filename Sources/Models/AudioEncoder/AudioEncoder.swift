import Tensor

/// A HuBERT, data2vec or MERT encoder: a waveform becomes frames, frames learn from each other.
///
/// ```swift
/// let encoder = try AudioEncoder.load(folder)
/// let states = try encoder.hiddenStates(of: samples)  // [layers + 1] of [frames, width]
/// ```
///
/// The three families are configurations of one model: HuBERT and MERT position frames by one long
/// convolution, data2vec by several short ones; the large models normalise before the blocks.
/// An objective calls the three stages itself, to mask between the second and the third:
///
/// ```swift
/// let features = encoder.features(waveform)               // [B, T, C]
/// let frames = encoder.project(features, in: pass)        // [B, T, D]
/// let context = encoder.contextualise(frames, masked: spans, in: pass)
/// ```
public struct AudioEncoder: Encoder {
  /// The numbers it was built with.
  public let config: Config

  /// From the waveform to features.
  public var extractor: ConvFeatureExtractor
  /// From features to frames of the transformer's width.
  public var projection: FeatureProjection
  /// Stands for a frame that is hidden from the transformer, `[D]`.
  public var maskEmbedding: Tensor
  /// What gives frames their place; nil where queries and keys are turned instead.
  public var position: (any PositionalConvolution)?
  /// The stack of layers.
  public var transformer: Transformer

  /// An untrained encoder.
  ///
  /// Initialisation: convolutions by Kaiming's normal rule, the projection from U(±1/√in), the mask
  /// embedding from U(0, 1), the transformer's linear maps from N(0, 0.02²) with bias 0, one long
  /// positional convolution from N(0, 4 / (K D)), short ones from U(±1/√(K D / groups)), norms 1 and
  /// 0. With `normOrder` `.deep` the values' and outputs' maps of attention and both of the feed-forward
  /// blocks are divided by (8 layers)^¼.
  ///
  /// Source: fairseq `HubertModel` and `Data2VecAudioModel`.
  /// - Throws: `ModelError.setting`.
  public init(_ config: Config, using generator: inout some RandomNumberGenerator)
    throws(ModelError)
  {
    try config.check()
    self.config = config
    extractor = config.extractor(using: &generator)
    projection = config.projection(using: &generator)
    maskEmbedding = .uniform([config.width], in: 0..<1, using: &generator)
    position = config.positionalConvolution(using: &generator)
    transformer = config.transformer(using: &generator)
  }

  /// Shows the parts in the order in which a waveform passes them.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("extractor", &extractor, part: .frontEnd)
    visitor.child("projection", &projection, part: .frontEnd)
    visitor.parameter("maskEmbedding", &maskEmbedding, as: .embedding)
    if position != nil { visitor.child("position", &position!, part: .positions) }
    visitor.child("transformer", &transformer, part: .transformer)
  }
}

extension AudioEncoder {
  /// The convolutional features, before any norm of theirs: what the feature penalty squares.
  ///
  /// Later stages compute in the type of this result, so only the first convolution needs the precision.
  /// - Parameters:
  ///   - waveform: `[B, samples]`, prepared by `config.prepare(_:)`, all rows of one length.
  ///   - precision: The pass's.
  /// - Returns: `[B, T, C]` in the numbers of `precision`.
  /// - Traps when: a row is shorter than the receptive field.
  public func features(_ waveform: Tensor, precision: Precision = .fp32) -> Tensor {
    precondition(
      waveform.rank == 2 && waveform.shape[1] >= config.frontEnd.receptiveField,
      "features: expected [B, samples] with at least \(config.frontEnd.receptiveField) samples, "
        + "got shape \(waveform.shape)")
    return extractor(waveform, precision: precision)
  }

  /// Features as frames of the transformer's width: layer norm, linear map, dropout.
  ///
  /// - Parameters:
  ///   - features: `[B, T, C]`
  ///   - pass: The pass: what is random and what it keeps.
  /// - Returns: `[B, T, D]`
  public func project(_ features: Tensor, in pass: ForwardPass) -> Tensor {
    projection(features, in: pass)
  }

  /// Hides frames, adds positions and runs the transformer.
  ///
  /// - Parameters:
  ///   - frames: `[B, T, D]`; those past `pass.lengths` are set to zero.
  ///   - masked: For each row, the frames that the mask embedding replaces.
  ///   - pass: The pass: what is random and what it keeps.
  /// - Returns: `[B, T, D]`: the last hidden state, after the final norm in a pre-norm model.
  /// - Traps when: `masked` or `pass.lengths` has not one entry per row, or names a frame that is none of the
  ///   row's.
  public func contextualise(
    _ frames: Tensor, masked: [[Int]]? = nil, in pass: ForwardPass
  ) -> Tensor {
    var x = frames
    if let masked { x = x.replacing(frames: masked, with: maskEmbedding) }
    if let lengths = pass.lengths { x = x.clearing(framesPast: lengths) }
    if let position { x = x + position(x) }
    return transformer(x, in: pass)
  }
}
