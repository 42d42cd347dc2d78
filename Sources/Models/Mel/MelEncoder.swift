import Foundation
import Models
import Tensor

/// A Conformer over mel frames, as in MusicFM, MuQ and MERT-v2: a waveform becomes frames, frames learn from each other.
///
/// ```swift
/// let encoder = try MelEncoder.load(folder)
/// let states = try encoder.hiddenStates(of: samples)  // [layers + 1] of [frames, width]
/// ```
///
/// Its hidden states are what enters each layer, and last what leaves all of them, after the norm if there is one:
/// those that `MuQ` returns. MERT-v2 leaves the first of them out.
public struct MelEncoder: Encoder {
  /// The numbers it was built with.
  public let config: Config

  /// From the waveform to mel frames, or frames of another spectrum.
  public var input: SpectrumInput
  /// From mel frames to fewer and wider ones.
  public var frontEnd: any MelFrontEnd
  /// From these to the layers' width; nil if they have it.
  public var projection: Linear?
  /// Stands for a frame that is hidden from the layers, `[D]`. The published models hide samples instead, and have
  /// none.
  public var maskEmbedding: Tensor
  /// The stack of layers.
  public var conformer: Conformer

  /// An untrained encoder.
  ///
  /// Initialisation: convolutions, projection and the maps of the convolution modules from U(±1/√in), the mask
  /// embedding from U(0, 1), the other maps of the layers from N(0, 0.02²) with bias 0, norms 1 and 0.
  /// - Throws: `ModelError.setting`.
  public init(
    _ config: Config, using generator: inout some RandomNumberGenerator
  ) throws(ModelError) {
    try config.check()
    self.config = config
    input = SpectrumInput(config.input, sampleRate: config.sampleRate)
    let (bands, chosen) = (config.input.bands, config.frontEnd.chosen)
    frontEnd = chosen.frontEnd(bands: bands, using: &generator)
    if chosen.isProjected(bands: bands, to: config.width) {
      projection = .uniform(from: chosen.width(bands: bands), to: config.width, using: &generator)
    }
    maskEmbedding = .uniform([config.width], in: 0..<1, using: &generator)
    var layers: [ConformerLayer] = []
    for _ in 0..<config.layers { layers.append(config.layer(using: &generator)) }
    conformer = Conformer(
      layers, hasNorm: config.finalNorm, dropout: config.inputDropout ?? config.dropout)
  }

  /// Shows the parts in the order in which a waveform passes them.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("input", &input, part: .frontEnd)
    visitor.child("frontEnd", &frontEnd, part: .frontEnd)
    visitor.child("projection", &projection, part: .frontEnd)
    visitor.parameter("maskEmbedding", &maskEmbedding, as: .embedding)
    visitor.child("conformer", &conformer, part: .transformer)
  }
}

extension MelEncoder {
  /// The standardised mel frames, `[B, samples] -> [B, T, bands]`, in the numbers of `precision`.
  public func features(_ waveform: Tensor, precision: Precision = .fp32) -> Tensor {
    input(waveform).cast(to: precision.activations)
  }

  /// Mel frames as frames of the encoder's width, `[B, T, bands] -> [B, T', D]`.
  public func project(_ features: Tensor, in pass: ForwardPass) -> Tensor {
    let frames = frontEnd(features, in: pass)
    return projection?(frames) ?? frames
  }

  /// Hides frames and runs the layers.
  ///
  /// - Parameters:
  ///   - frames: `[B, T, D]`
  ///   - masked: For each row, the frames that the mask embedding replaces.
  ///   - pass: The pass: what is random and what it keeps. Frames past `pass.lengths` are set to zero and not
  ///     attended to, but the convolutions see them.
  /// - Returns: `[B, T, D]`: the last hidden state.
  /// - Traps when: `masked` or `pass.lengths` has not one entry per row, or names a frame that is none of the
  ///   row's.
  public func contextualise(
    _ frames: Tensor, masked: [[Int]]? = nil, in pass: ForwardPass
  ) -> Tensor {
    var x = frames
    if let masked { x = x.replacing(frames: masked, with: maskEmbedding) }
    if let lengths = pass.lengths { x = x.clearing(framesPast: lengths) }
    return conformer(x, in: pass)
  }

  /// Moves the running averages of the batch norms towards what a training pass measured that kept
  /// `.batchStatistics`: once for each pass of a step, in their order.
  /// - Traps when: they are not those of this encoder's norms.
  public mutating func updateStatistics(from measured: [BatchStatistics]) {
    var rest = measured[...]
    frontEnd.updateStatistics(from: &rest)
    conformer.updateStatistics(from: &rest)
    precondition(
      rest.isEmpty, "MelEncoder: \(rest.count) of the statistics are not of its norms")
  }
}

extension MelEncoder: StandardizingEncoder {
  /// What its mel frames are standardised by.
  public var inputStatistics: InputStatistics {
    get { InputStatistics(mean: input.mean.scalars, deviation: input.deviation.scalars) }
    set { input.standardize(by: newValue) }
  }
}
