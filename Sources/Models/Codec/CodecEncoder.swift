import Tensor

/// From a waveform to a codec's latents: `[B, L, C] -> [B, ⌈L / stride⌉, D]`.
///
/// A convolution, stages that each shorten the signal and double its channels, an LSTM, a convolution. No activation
/// follows the last.
///
/// Source: EnCodec's `SEANetEncoder`, after Tagliasacchi et al. 2020.
public struct CodecEncoder: Module {
  /// Residual units, then a convolution that shortens the signal.
  public struct Stage: Module {
    /// Of the width that enters.
    public var units: [CodecResidualUnit]
    /// Twice as many channels leave as enter.
    public var shortening: CodecConvolution

    /// Shows the units and the convolution.
    public mutating func visit(_ visitor: inout some ParameterVisitor) {
      visitor.children("units", &units)
      visitor.child("shortening", &shortening)
    }
  }

  /// From the waveform's channels to the filters.
  public var input: CodecConvolution
  /// From the waveform's side.
  public var stages: [Stage] = []
  /// At the frame rate; nil leaves it out.
  public var lstm: CodecLSTM?
  /// To the latents' width.
  public var output: CodecConvolution

  /// - Parameters:
  ///   - config: The codec's numbers.
  ///   - generator: Draws the initial weights.
  public init(_ config: Codec.Config, using generator: inout some RandomNumberGenerator) {
    input = CodecConvolution(
      from: config.channels, to: config.filters, kernel: config.kernel, config, using: &generator)
    var width = config.filters
    for stride in config.strides {
      stages.append(
        Stage(
          units: CodecResidualUnit.stage(width: width, config, using: &generator),
          shortening: CodecConvolution(
            from: width, to: 2 * width, kernel: 2 * stride, stride: stride, config,
            using: &generator)))
      width *= 2
    }
    lstm =
      config.lstmLayers > 0
      ? CodecLSTM(width: width, layers: config.lstmLayers, using: &generator) : nil
    output = CodecConvolution(
      from: width, to: config.width, kernel: config.lastKernel, config, using: &generator)
  }

  /// - Parameters:
  ///   - waveform: `[B, L, C]`, float32.
  ///   - precision: What it computes in, float32 or bfloat16.
  /// - Returns: `[B, ⌈L / stride⌉, D]` in the numbers of `precision`.
  public func callAsFunction(_ waveform: Tensor, precision: Precision = .fp32) -> Tensor {
    var x = input(waveform, precision: precision)
    for stage in stages {
      x = stage.units.reduce(x) { $1($0, precision: precision) }
      x = stage.shortening(x, activating: true, precision: precision)
    }
    return output(lstm?(x) ?? x, activating: true, precision: precision)
  }

  /// Shows the parts in the order in which a waveform passes them.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("input", &input)
    visitor.children("stages", &stages)
    visitor.child("lstm", &lstm)
    visitor.child("output", &output)
  }
}
