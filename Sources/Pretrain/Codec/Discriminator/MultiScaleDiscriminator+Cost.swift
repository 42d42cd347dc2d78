import Models

extension MultiScaleDiscriminator.Config {
  /// How many numbers the discriminators learn.
  public var parameterCount: Int {
    windows.count * ScaleLayer.all(filters).reduce(0) { $0 + $1.parameters }
  }

  /// What the discriminators cost for one crop of so many samples.
  package func cost(samples: Int) -> BlockCost {
    windows.reduce(BlockCost()) { cost, window in
      cost + Self.cost(window: window, filters: filters, samples: samples)
    }
  }

  /// What is kept of one crop for the gradients of both losses: the hidden layers of the original, and those of the
  /// reconstruction twice over on their way back.
  package func kept(samples: Int) -> Double { 3 * Double(cost(samples: samples).kept) }

  private static func cost(window: Int, filters: Int, samples: Int) -> BlockCost {
    let times = max(0, (samples - window) / (window / 4) + 1)
    var (bins, cost) = (window / 2 + 1, BlockCost(kept: times * (window + 2)))
    for layer in ScaleLayer.all(filters) {
      bins = (bins - 1) / layer.stride + 1
      let places = times * bins
      cost =
        cost
        + BlockCost(
          parameters: layer.parameters, tensors: layer.hasGain ? 3 : 2,
          products: places * layer.weights, kept: places * layer.output)
    }
    return cost
  }
}

/// A convolution of `SpectrogramDiscriminator`.
private struct ScaleLayer {
  var input: Int
  var output: Int
  var taps: Int
  var stride = 1
  var hasGain = true

  var weights: Int { input * output * taps }
  var parameters: Int { weights + (hasGain ? 2 : 1) * output }

  static func all(_ filters: Int) -> [ScaleLayer] {
    let halving = ScaleLayer(input: filters, output: filters, taps: 27, stride: 2)
    return [
      ScaleLayer(input: 2, output: filters, taps: 27, hasGain: false), halving, halving, halving,
    ]
      + [
        ScaleLayer(input: filters, output: filters, taps: 9),
        ScaleLayer(input: filters, output: 1, taps: 9),
      ]
  }
}
