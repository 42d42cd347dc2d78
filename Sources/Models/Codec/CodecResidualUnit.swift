import Tensor

/// Two convolutions around which the input is added again: `[B, T, C] -> [B, T, C]`.
///
/// `y = s(x) + c₂(ELU(c₁(ELU(x))))`, where `c₁` narrows the channels and `s` is a convolution of one tap or nothing.
///
/// Source: EnCodec's `SEANetResnetBlock`. The paper has two convolutions of three taps; the published code and
/// models have one tap in the second.
public struct CodecResidualUnit: Module {
  /// `C -> C / compression`, dilated.
  public var narrowing: CodecConvolution
  /// `C / compression -> C`, one tap.
  public var widening: CodecConvolution
  /// `C -> C`, one tap; nil adds the input itself.
  public var shortcut: CodecConvolution?

  /// - Parameters:
  ///   - width: Channels, `C`.
  ///   - dilation: Frames from one tap to the next in the first convolution.
  ///   - config: Kernel, compression, shortcut, norm and padding.
  ///   - generator: Draws the initial weights.
  public init(
    width: Int, dilation: Int, _ config: Codec.Config,
    using generator: inout some RandomNumberGenerator
  ) {
    let inner = width / config.compression
    narrowing = CodecConvolution(
      from: width, to: inner, kernel: config.residualKernel, dilation: dilation, config,
      using: &generator)
    widening = CodecConvolution(from: inner, to: width, kernel: 1, config, using: &generator)
    shortcut =
      config.hasShortcutConvolution
      ? CodecConvolution(from: width, to: width, kernel: 1, config, using: &generator) : nil
  }

  /// - Parameters:
  ///   - x: `[B, T, C]`
  ///   - precision: What it computes in, float32 or bfloat16.
  /// - Returns: Same shape.
  public func callAsFunction(_ x: Tensor, precision: Precision) -> Tensor {
    let inner = narrowing(x, activating: true, precision: precision)
    return (shortcut?(x, precision: precision) ?? x)
      + widening(inner, activating: true, precision: precision)
  }

  /// The units of one stage, each with a longer dilation than the one before.
  static func stage(
    width: Int, _ config: Codec.Config, using generator: inout some RandomNumberGenerator
  ) -> [CodecResidualUnit] {
    var (units, dilation) = ([CodecResidualUnit](), 1)
    for _ in 0..<config.residualUnits {
      units.append(
        CodecResidualUnit(width: width, dilation: dilation, config, using: &generator))
      dilation *= config.dilationGrowth
    }
    return units
  }

  /// Shows the convolutions.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("narrowing", &narrowing)
    visitor.child("widening", &widening)
    visitor.child("shortcut", &shortcut)
  }
}
