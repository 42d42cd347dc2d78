import Foundation
import Models
import Pretrain

/// Floating-point operations of the matrix products of one step, two for a multiplication and its
/// addition: forward, and both gradients where they are needed.
///
/// What a checkpointed layer computes again is not counted, nor is anything element-wise; layer drop
/// counts by its expectation.
public struct ProductFLOP: Codable, Sendable {
  /// Convolutions over the waveform.
  public var frontEnd: Double
  /// From the projection to the last layer.
  public var transformer: Double
  /// What predicts.
  public var heads: Double
  /// An averaged teacher's run through the transformer.
  public var teacher: Double

  /// All of them.
  public var total: Double { frontEnd + transformer + heads + teacher }
}

extension Recipe {
  /// The operations of one step's products.
  public var productFLOP: ProductFLOP {
    let each = 2 * Double(cropsPerStep)
    return ProductFLOP(
      frontEnd: each * frontEndProducts, transformer: each * encoderProducts * 3,
      heads: each * headProducts * 3, teacher: teacher.ema == nil ? 0 : each * encoderProducts)
  }

  /// Multiplications of the convolutions, all three directions; the waveform needs no gradient.
  private var frontEndProducts: Double {
    let config = encoder.frontEnd
    let inputs = [1] + config.channels
    var (samples, total) = (cropSamples, 0.0)
    for i in config.channels.indices {
      samples = (samples - config.kernels[i]) / config.strides[i] + 1
      let products = Double(samples * config.channels[i] * inputs[i] * config.kernels[i])
      total += products * (config.gradientScale == 0 ? 1 : i == 0 ? 2 : 3)
    }
    return total
  }

  /// Forward multiplications from the projection to the last layer.
  private var encoderProducts: Double {
    let (frames, width) = (Double(cropFrames), Double(encoder.width))
    let projection = frames * Double(encoder.frontEnd.channels.last!) * width
    let position = encoder.position
    let taps = Double(position.depth * position.kernel)
    let positions = frames * width * width / Double(position.groups) * taps
    let attention = 4 * frames * width * width + 2 * frames * frames * width
    let layer = attention + 2 * frames * width * Double(encoder.feedForwardWidth)
    return projection + positions + layer * Double(encoder.layers) * Double(1 - encoder.layerDrop)
  }

  /// Forward multiplications of the heads.
  private var headProducts: Double {
    let width = Double(encoder.width)
    var products = Double(objective.cqt?.bins ?? 0) * width
    if let codes = objective.codes {
      let sizes = teacher.codebooks.map(Double.init)
      products += Double(codes.width) * (width * Double(sizes.count) + sizes.reduce(0, +))
    }
    if objective.regression != nil { products += width * width }
    return predictedFrames * products
  }

  /// Frames of a crop at which the heads predict: the masked ones, or all if the others count too.
  var predictedFrames: Double {
    if objective.unmaskedWeight > 0 { return Double(cropFrames) }
    let spans = Double(mask.spanFrames)
    return Double(cropFrames) * (1 - pow(1 - mask.probability / spans, spans))
  }
}
