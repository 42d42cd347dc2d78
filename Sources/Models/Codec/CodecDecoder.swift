import Tensor

/// From a codec's latents to a waveform: `[B, T, D] -> [B, T · stride, C]`.
///
/// The encoder's parts in reverse, with transposed convolutions. No activation follows the last convolution.
///
/// Source: EnCodec's `SEANetDecoder`.
public struct CodecDecoder: Module {
  /// A transposed convolution that lengthens the signal, then residual units.
  public struct Stage: Module {
    /// Half as many channels leave as enter.
    public var lengthening: CodecTransposedConvolution
    /// Of the width that leaves.
    public var units: [CodecResidualUnit]

    /// Shows the convolution and the units.
    public mutating func visit(_ visitor: inout some ParameterVisitor) {
      visitor.child("lengthening", &lengthening)
      visitor.children("units", &units)
    }
  }

  /// From the latents' width.
  public var input: CodecConvolution
  /// At the frame rate; nil leaves it out.
  public var lstm: CodecLSTM?
  /// From the latents' side.
  public var stages: [Stage] = []
  /// From the filters to the waveform's channels.
  public var output: CodecConvolution

  /// - Parameters:
  ///   - config: The codec's numbers.
  ///   - generator: Draws the initial weights.
  public init(_ config: Codec.Config, using generator: inout some RandomNumberGenerator) {
    var width = config.innerWidth
    input = CodecConvolution(
      from: config.width, to: width, kernel: config.kernel, config, using: &generator)
    lstm =
      config.lstmLayers > 0
      ? CodecLSTM(width: width, layers: config.lstmLayers, using: &generator) : nil
    for stride in config.strides.reversed() {
      stages.append(
        Stage(
          lengthening: CodecTransposedConvolution(
            from: width, to: width / 2, stride: stride, config, using: &generator),
          units: CodecResidualUnit.stage(width: width / 2, config, using: &generator)))
      width /= 2
    }
    output = CodecConvolution(
      from: width, to: config.channels, kernel: config.lastKernel, config, using: &generator)
  }

  /// - Parameters:
  ///   - latents: `[B, T, D]`
  ///   - precision: What it computes in, float32 or bfloat16.
  /// - Returns: `[B, T · stride, C]` in the numbers of `precision`.
  public func callAsFunction(_ latents: Tensor, precision: Precision = .fp32) -> Tensor {
    var x = input(latents, precision: precision)
    x = lstm?(x) ?? x
    for stage in stages {
      x = stage.units.reduce(stage.lengthening(x.elu())) { $1($0, precision: precision) }
    }
    return output(x, activating: true, precision: precision)
  }

  /// Shows the parts in the order in which latents pass them.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("input", &input)
    visitor.child("lstm", &lstm)
    visitor.children("stages", &stages)
    visitor.child("output", &output)
  }
}
