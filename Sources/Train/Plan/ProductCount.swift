import Foundation
import Models
import Pretrain

/// Floating-point operations of the matrix products of one step, two for a multiplication and its
/// addition: forward, and both gradients where they are needed.
///
/// What a checkpointed layer computes again is not counted, nor is anything element-wise; layer drop
/// counts by its expectation.
public struct ProductFLOP: Codable, Sendable {
  /// Convolutions over the waveform or its mel frames.
  public var frontEnd: Double
  /// From the projection to the last layer.
  public var transformer: Double
  /// What predicts.
  public var heads: Double
  /// An averaged teacher's run through the transformer, and those of earlier models that features of streams come from,
  /// up to the layer that is read.
  public var teacher: Double

  /// All of them.
  public var total: Double { frontEnd + transformer + heads + teacher }
}

extension Recipe {
  /// The operations of one step's products.
  public var productFLOP: ProductFLOP { productFLOP(training: TrainedParts(of: self)) }

  func productFLOP(training parts: TrainedParts) -> ProductFLOP {
    let each = 2 * Double(cropsPerStep)
    return ProductFLOP(
      frontEnd: each
        * plannedEncoder.frontEndProducts(
          samples: cropSamples, directions: isFrontEndTrained(of: parts) ? 3 : 1),
      transformer: each * studentProducts * layerDirections(of: parts),
      heads: each * headProducts
        * parts.directions {
          $0.part == .heads
        } above: {
          $0.part != .heads
        },
      teacher: (teacher.ema == nil ? 0 : each * encoderProducts)
        + each * FeatureModels(of: self).products)
  }

  /// Forward multiplications from the front end to the last layer in the model that is trained.
  private var studentProducts: Double {
    views.map { encoder.products(of: $0, keepingLayers: encoder.shareOfLayers) }
      ?? encoderProducts - unreadProducts
  }

  /// Forward multiplications from the front end to the last layer over a whole crop.
  private var encoderProducts: Double { plannedEncoder.contextProducts(frames: cropFrames) }

  /// Forward multiplications of the last layer's feed-forward block at the frames that no head reads, which are
  /// not made.
  private var unreadProducts: Double {
    (Double(cropFrames) - readFrames)
      * Double(plannedEncoder.feedForwardCost.products) * plannedEncoder.shareOfLayers
  }

  /// Forward multiplications of the heads.
  private var headProducts: Double {
    predictedFrames * headCosts.reduce(0) { $0 + $1.products }
      + (views?.whole ?? 0) * Double(decoderCost.products)
      + Double(cropFrames) * headCosts.reduce(0) { $0 + $1.cropProducts }
  }

  /// Frames of a crop that any head reads: all of them if a head predicts something of whole crops.
  var readFrames: Double {
    objective.heads.contains { type(of: $0).readsWholeCrops }
      ? Double(cropFrames) : predictedFrames
  }

  /// Frames of a crop at which the heads predict: the masked ones, of all its masks, or all frames if the others count
  /// too.
  var predictedFrames: Double {
    if let views { return views.predicted }
    if objective.unmaskedWeight > 0 { return Double(cropFrames) }
    let mask = try? mask.mask(frameRate: chosenEncoder.frameRate)
    return Double(cropFrames) * (mask?.expectedShare ?? 1)
  }
}

// MARK: - What is frozen

extension Recipe {
  /// Whether any of the front end is trained.
  func isFrontEndTrained(of parts: TrainedParts) -> Bool {
    plannedEncoder.isFrontEndLearned && parts.share(where: plannedEncoder.isInFrontEnd) > 0
  }

  /// Layers whose backward pass is made: those from the lowest on of which something, or something below, is trained.
  func layersWithGradients(of parts: TrainedParts) -> Double {
    let constant = (1...chosenEncoder.layers).prefix { layer in
      parts.share { $0.isBelow(layer: layer + 1) } == 0
    }
    return Double(chosenEncoder.layers - constant.count)
  }

  /// Times that the products from the projection to the last layer are made, the mean over the layers: all three unless
  /// something is frozen.
  private func layerDirections(of parts: TrainedParts) -> Double {
    let all = (1...chosenEncoder.layers).map { layer in
      parts.directions {
        $0.depth == .layer(layer)
      } above: {
        $0.isBelow(layer: layer)
      }
    }
    return all.reduce(0, +) / Double(all.count)
  }
}

extension ParameterPlace {
  /// Whether what it changes enters this layer.
  fileprivate func isBelow(layer: Int) -> Bool {
    switch depth {
    case .beforeLayers: true
    case .layer(let own): own < layer
    case .afterLayers: false
    }
  }
}

extension ConvFeatureExtractor.Config {
  /// Forward multiplications of each convolution over a waveform.
  package func products(samples: Int) -> [Double] {
    var (time, inputs) = (samples, 1)
    return channels.indices.map { i in
      time = (time - kernels[i]) / strides[i] + 1
      defer { inputs = channels[i] }
      return Double(time) * Double(channels[i]) * Double(inputs) * Double(kernels[i])
    }
  }
}

extension AudioEncoder.Config {
  /// Forward multiplications from the projection to the last layer.
  ///
  /// - Parameter share: Of the layers, those that run.
  package func transformerProducts(frames: Int, keepingLayers share: Double = 1) -> Double {
    let products = layerCost(frames: frames).products
    let (frames, width) = (Double(frames), Double(width))
    let projection = frames * Double(frontEnd.channels.last!) * width
    let taps = rotary == nil ? Double(position.depth) * Double(position.kernel) : 0
    let positions = frames * width * width / Double(position.groups) * taps
    let layer = frames * Double(products)
    return projection + positions + layer * Double(layers) * share
  }
}
