import Models
import Settings
import Tensor

extension ConvNeXtSubsampling.Config: MelFrontEndConfiguration {
  /// Checks ranges, and that every stage has its numbers.
  public func validate() throws(InvalidSetting) {
    try require(
      (1...8).contains(channels.count), "channels",
      "\(channels.count) stages are not between 1 and 8")
    for (name, values) in [("layers", layers), ("timeStrides", timeStrides)] {
      try require(
        values.count == channels.count, name,
        "has \(values.count) entries, channels has \(channels.count)", against: ["channels"])
    }
    try require("channels", channels, in: 1...65_536)
    try require("layers", layers, in: 0...1_000)
    try require("timeStrides", timeStrides, in: 1...64)
    try require("normEpsilon", normEpsilon, in: 1e-12...1)
  }

  /// `⌊T / stride⌋` for each stage in turn.
  public func frameCount(_ frames: Int) -> Int { timeStrides.reduce(frames, /) }

  /// The fewest mel frames that make so many frames.
  public func melFrameCount(frames: Int) -> Int { timeStrides.reduce(frames, *) }

  /// The channels of the last stage.
  public func width(bands: Int) -> Int { channels.last! }

  /// A map follows where the channels of the last stage are not those of the encoder.
  public func isProjected(bands: Int, to width: Int) -> Bool { width != channels.last! }

  /// How many numbers the stages learn.
  public func parameterCount(bands: Int) -> Int {
    channels.indices.reduce(0) { count, stage in
      let (input, output) = (inputs(of: stage, bands), channels[stage])
      let taps = ConvNeXtStage.kernel(timeStride: timeStrides[stage])
      return count + layers[stage] * ConvNeXtLayer.parameterCount(width: output)
        + (resamples(stage, bands) ? 2 * input + taps * input * output + output : 0)
    }
  }

  /// Multiplications of convolutions and maps over so many mel frames.
  public func products(frames: Int, bands: Int) -> Double {
    var (frames, total) = (frames, 0.0)
    for stage in channels.indices {
      frames /= timeStrides[stage]
      var products = layers[stage] * ConvNeXtLayer.products(width: channels[stage])
      if resamples(stage, bands) {
        let taps = ConvNeXtStage.kernel(timeStride: timeStrides[stage])
        products += taps * inputs(of: stage, bands) * channels[stage]
      }
      total += Double(frames) * Double(products)
    }
    return total
  }

  /// Of each stage what enters norm and convolution, and of each layer what enters its two norms, its convolution and
  /// its maps.
  public func kept(frames: Int, bands: Int) -> Double {
    var (frames, total) = (frames, Double(frames) * Double(bands))
    for stage in channels.indices {
      if resamples(stage, bands) {
        total += 2 * Double(frames) * Double(inputs(of: stage, bands))
      }
      frames /= timeStrides[stage]
      total += Double(frames) * Double(layers[stage] * ConvNeXtLayer.kept(width: channels[stage]))
    }
    return total
  }

  /// The stages, untrained.
  public func frontEnd(
    bands: Int, using generator: inout some RandomNumberGenerator
  ) -> any MelFrontEnd {
    ConvNeXtSubsampling(self, bands: bands, using: &generator)
  }

  private func inputs(of stage: Int, _ bands: Int) -> Int {
    stage == 0 ? bands : channels[stage - 1]
  }

  private func resamples(_ stage: Int, _ bands: Int) -> Bool {
    ConvNeXtStage.resamples(
      from: inputs(of: stage, bands), to: channels[stage], timeStride: timeStrides[stage])
  }
}
