import MelModels
import Models

/// What plans need to know of an encoder before it is built.
protocol PlannedEncoder: EncoderConfiguration {
  /// Whether its front end has parameters that gradients reach.
  var isFrontEndLearned: Bool { get }
  /// Whether a parameter belongs to the front end.
  func isInFrontEnd(_ place: ParameterPlace) -> Bool
  /// Of the layers, those that run in a step of training.
  var shareOfLayers: Double { get }

  /// Multiplications of the front end over a waveform.
  ///
  /// - Parameters:
  ///   - samples: Of the waveform.
  ///   - directions: Times that a product is made: 1 forward, 3 with both gradients. What enters the first map needs
  ///     no gradient.
  func frontEndProducts(samples: Int, directions: Double) -> Double
  /// Forward multiplications from the front end to the last layer.
  func contextProducts(frames: Int) -> Double
  /// What one layer costs.
  func layerCost(frames: Int) -> BlockCost
  /// What the last feed-forward block of a layer costs, which maps the frames alone that are read.
  var feedForwardCost: BlockCost { get }

  /// Numbers that the front end keeps of a crop for the backward pass.
  func keptByFrontEnd(samples: Int) -> Double
  /// Numbers of the first result of the front end for a batch, the largest; 0 if that is none of its own.
  func firstResult(samples: Int, batch: Int) -> Double
  /// Numbers that are kept for a batch between the front end and the first layer.
  func keptBeforeLayers(frames: Int, batch: Int) -> Double
}

extension AudioEncoder.Config: PlannedEncoder {
  var isFrontEndLearned: Bool { frontEnd.gradientScale != 0 }
  func isInFrontEnd(_ place: ParameterPlace) -> Bool { place.path.hasPrefix("encoder.extractor.") }
  var shareOfLayers: Double { 1 - Double(layerDrop) }

  /// Those of the convolutions over the waveform, which needs no gradient.
  func frontEndProducts(samples: Int, directions: Double) -> Double {
    frontEnd.products(samples: samples).enumerated().reduce(0) { total, layer in
      total + layer.element * (layer.offset == 0 ? min(2, directions) : directions)
    }
  }

  func contextProducts(frames: Int) -> Double {
    transformerProducts(frames: frames, keepingLayers: shareOfLayers)
  }

  /// Each convolution's result, and that of its layer norm if there is one.
  func keptByFrontEnd(samples: Int) -> Double {
    let copies = frontEnd.norm == .layer ? 2.0 : 1.0
    return copies * results(samples: samples, batch: 1).reduce(0, +)
  }

  func firstResult(samples: Int, batch: Int) -> Double {
    results(samples: samples, batch: batch)[0]
  }

  /// The norm of the features, padded groups of channels, the convolution's result and the sum, for each positional
  /// convolution.
  func keptBeforeLayers(frames: Int, batch: Int) -> Double {
    let (frames, width) = (Double(batch) * Double(frames), Double(width))
    let projected = frames * (Double(frontEnd.channels.last!) + width)
    guard rotary == nil else { return projected }
    let padding = Double(batch) * Double(position.kernel) * width
    return projected + Double(position.depth) * (3 * frames * width + padding)
  }

  /// Samples after each convolution, times its channels, for a batch.
  private func results(samples: Int, batch: Int) -> [Double] {
    var samples = samples
    return frontEnd.channels.indices.map { i in
      samples = (samples - frontEnd.kernels[i]) / frontEnd.strides[i] + 1
      return Double(batch) * Double(samples) * Double(frontEnd.channels[i])
    }
  }
}

extension MelEncoder.Config: PlannedEncoder {
  var isFrontEndLearned: Bool { true }
  func isInFrontEnd(_ place: ParameterPlace) -> Bool {
    place.path.hasPrefix("encoder.frontEnd.") || place.path.hasPrefix("encoder.projection.")
  }
  var shareOfLayers: Double { 1 }

  /// Those of the convolutions and the map after them. Mel frames need no gradient, so the map has none to pass on
  /// where nothing before it learns.
  func frontEndProducts(samples: Int, directions: Double) -> Double {
    let map = Double(frameCount(samples: samples)) * Double(projectionCost.products)
    let isFirst = parameterCounts.frontEnd == 0
    return directions
      * frontEnd.chosen.products(frames: input.frameCount(samples: samples), bands: input.bands)
      + (isFirst ? min(2, directions) : directions) * map
  }

  func contextProducts(frames: Int) -> Double {
    Double(frames) * Double(layers) * Double(layerCost(frames: frames).products)
  }

  func keptByFrontEnd(samples: Int) -> Double {
    frontEnd.chosen.kept(frames: input.frameCount(samples: samples), bands: input.bands)
  }

  /// The bands of all mel frames.
  func firstResult(samples: Int, batch: Int) -> Double {
    Double(batch) * Double(input.frameCount(samples: samples)) * Double(input.bands)
  }

  /// The frames as they leave the front end, and as they enter the layers.
  func keptBeforeLayers(frames: Int, batch: Int) -> Double {
    2 * Double(batch) * Double(frames) * Double(width)
  }
}

extension Recipe {
  /// The encoder that is trained, as plans see it.
  var plannedEncoder: any PlannedEncoder { melEncoder ?? encoder }
}
