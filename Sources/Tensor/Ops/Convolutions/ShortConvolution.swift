import Kernels

/// A convolution with a short window, such as the first one over a waveform. As a matrix product it
/// would be slow, because the inner side is short.
struct ShortConvolution {
  /// `[B, T, I]`, float32.
  let x: Tensor
  /// `[O, K, I]`, float32.
  let weight: Tensor
  let stride: Int

  private static let longestWindow = Int(ETUDE_SHORT_WINDOW)

  /// Whether the window of a weight is short enough.
  static func takes(_ weight: Tensor) -> Bool {
    weight.shape[1] * weight.shape[2] <= longestWindow
  }

  private var batch: Int { x.shape[0] }
  private var outputs: Int { weight.shape[0] }
  private var window: Int { weight.shape[1] * weight.shape[2] }
  /// The numbers between the starts of two neighbouring windows.
  private var step: Int { stride * x.shape[2] }
  private var frames: Int { (x.shape[1] - weight.shape[1]) / stride + 1 }

  /// The forward pass, with edges to input, weight and bias.
  func result(of input: Tensor, weight: Tensor, bias: Tensor?, dtype: DType) -> Tensor {
    forward(bias: bias, dtype: dtype).derived(
      from: input.edge(inputGradient), weight.edge(weightGradient),
      bias?.edge { $0.summedOverFrames() })
  }

  /// The frames that are convolved and then activated while they are in a core's second-level
  /// cache.
  private static let block = 96

  func forward(bias: Tensor?, dtype: DType, activating: Bool = false) -> Tensor {
    let taps = weight.reshaped([outputs, window]).permuted([1, 0])
    let bias = bias?.operand(as: .float32)
    defer { withExtendedLifetime((taps, bias)) {} }
    let (source, w, shift) = (x.floats, taps.floats, bias?.floats)
    return .filled([batch, frames, outputs], dtype: dtype) { y in
      forEachStretch { b, frame, count in
        for first in Swift.stride(from: frame, to: frame + count, by: Self.block) {
          let rows = min(Self.block, frame + count - first)
          let from = source + b * x.shape[1] * x.shape[2] + first * step
          let place = y + (b * frames + first) * outputs
          if dtype == .float32 {
            etude_short_convolution(place.float32, from, w, shift, rows, step, window, outputs)
            if activating { etude_gelu(place.float32, place.float32, rows * outputs) }
          } else {
            etude_short_convolution_bfloat(
              place.bfloat16, from, w, shift, rows, step, window, outputs)
            if activating { etude_gelu_bfloat(place.bfloat16, place.bfloat16, rows * outputs) }
          }
        }
      }
    }
  }

  /// Cuts the frames of all samples over the cores; `body` gets frames of one sample.
  private func forEachStretch(_ body: (_ sample: Int, _ frame: Int, _ count: Int) -> Void) {
    let grain = max(1, elementGrain / max(1, outputs))
    Cores.parallel(batch * frames, grain: grain) { range in
      var row = range.lowerBound
      while row < range.upperBound {
        let sample = row / frames
        let end = min(range.upperBound, (sample + 1) * frames)
        body(sample, row - sample * frames, end - row)
        row = end
      }
    }
  }

  /// Each piece is a range of output channels, summed over all samples.
  private func weightGradient(_ dy: Tensor) -> Tensor {
    var taps = Tensor.zeros([window, outputs])
    let (source, from) = (x.floats, dy.reals)
    taps.update { dw in
      guard let dw = dw.baseAddress else { return }
      Cores.forEachBlock(of: outputs, size: 32) { range in
        for b in 0..<batch {
          let gradient = from + (b * frames * outputs + range.lowerBound)
          let sample = source + b * x.shape[1] * x.shape[2]
          let place = dw + range.lowerBound
          if from.dtype == .float32 {
            etude_short_convolution_gradient(
              place, sample, gradient.float32, frames, step, window, range.count, outputs)
          } else {
            etude_short_convolution_gradient_bfloat(
              place, sample, gradient.bfloat16, frames, step, window, range.count, outputs)
          }
        }
      }
    }
    return taps.permuted([1, 0]).reshaped(weight.shape)
  }

  /// The gradient of the waveform, which training does not need.
  private func inputGradient(_ dy: Tensor) -> Tensor {
    Convolution(of: x.shape, weight: weight, stride: stride).inputGradient(
      dy.converted(to: .float32))
  }
}
