import Tensor

/// A neural codec: a waveform becomes latents, a residual quantiser makes codes of them, and a decoder makes a
/// waveform of their sum.
///
/// ```swift
/// let codec = try Codec.load(folder)
/// let coded = try codec.codes(of: samples, codebooks: 8)
/// ```
///
/// EnCodec's models and MusicGen's are configurations of it, see `Config`. Axes are channels last everywhere.
///
/// Source: Défossez et al. 2022 (EnCodec), §3; its code and `transformers` `EncodecModel`.
public struct Codec: Module {
  /// The numbers it was built with.
  public let config: Config

  /// From the waveform to latents.
  public var encoder: CodecEncoder
  /// From latents to codes and back.
  public var quantizer: ResidualQuantizer
  /// From latents to the waveform.
  public var decoder: CodecDecoder

  /// An untrained codec.
  ///
  /// Initialisation: convolutions by Kaiming's normal rule, N(0, 2 / (I K)), their biases from U(±1/√(I K));
  /// transposed convolutions from U(±1/√(O K)); an LSTM from U(±1/√H); gains are the lengths of the weights;
  /// norms are 1 and 0. Codebooks are empty until they are learned.
  /// - Parameters:
  ///   - config: Its numbers.
  ///   - generator: Draws the initial weights.
  /// - Traps when: `config.validate()` throws.
  public init(_ config: Config, using generator: inout some RandomNumberGenerator) {
    config.requireValid()
    self.config = config
    encoder = CodecEncoder(config, using: &generator)
    quantizer = ResidualQuantizer(config.quantizer, width: config.width)
    decoder = CodecDecoder(config, using: &generator)
  }

  /// What the encoder computes, before quantisation.
  ///
  /// - Parameters:
  ///   - waveform: `[B, L, C]`, float32, full scale ±1; a model that normalises loudness takes a normalised
  ///     one.
  ///   - pass: What it computes in. Nothing in a codec is random.
  /// - Returns: `[B, T, D]`, float32, with `T = ⌈L / stride⌉`.
  /// - Traps when: the channels differ from the configuration's, or there is no sample.
  public func latents(of waveform: Tensor, in pass: ForwardPass) -> Tensor {
    precondition(
      waveform.rank == 3 && waveform.shape[1] >= 1 && waveform.shape[2] == config.channels,
      "latents: expected [B, L, \(config.channels)] with at least one sample, got shape \(waveform.shape)"
    )
    return encoder(waveform, precision: pass.precision).cast(to: .float32)
  }

  /// What the decoder computes.
  ///
  /// - Parameters:
  ///   - latents: `[B, T, D]`, quantised or not.
  ///   - samples: Samples of the result, `L`; the decoder computes `T · stride`, the rest is cut off.
  ///   - pass: What it computes in. Nothing in a codec is random.
  /// - Returns: `[B, L, C]`, float32.
  /// - Traps when: the latents are of another width, there is none, or they are fewer than the samples need.
  public func waveform(of latents: Tensor, samples: Int, in pass: ForwardPass) -> Tensor {
    precondition(
      latents.rank == 3 && latents.shape[1] >= 1 && latents.shape[2] == config.width,
      "waveform: expected [B, T, \(config.width)] with at least one frame, got shape \(latents.shape)"
    )
    precondition(
      (0...latents.shape[1] * config.stride).contains(samples),
      "waveform: \(latents.shape[1]) frames of \(config.stride) samples do not yield \(samples)")
    let y = decoder(latents, precision: pass.precision).cast(to: .float32)
    return y.shape[1] == samples ? y : y.sliced(axis: 1, 0..<samples)
  }

  /// Shows encoder, quantiser and decoder.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("encoder", &encoder, part: .codecEncoder)
    visitor.child("quantizer", &quantizer, part: .quantizer)
    visitor.child("decoder", &decoder, part: .codecDecoder)
  }
}

extension ModulePart {
  /// From a waveform to a codec's latents.
  public static let codecEncoder = ModulePart("encoder")
  /// The codebooks.
  public static let quantizer = ModulePart("quantizer")
  /// From a codec's latents to a waveform.
  public static let codecDecoder = ModulePart("decoder")
}
