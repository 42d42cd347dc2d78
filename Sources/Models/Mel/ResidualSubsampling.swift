import Models
import Settings
import Tensor

/// Residual convolutions over time and frequency that make fewer and wider frames:
/// `[B, T, bands] -> [B, T', bands' C]`.
///
/// Each block halves the bands, and divides the frames by its stride over time. The channels of one band lie
/// together in a frame of the result.
///
/// Source: `Conv2dSubsampling` of MusicFM and MuQ, where the bands of one channel lie together.
public struct ResidualSubsampling: MelFrontEnd {
  /// The numbers of a recipe's `melEncoder.frontEnd.residual`.
  public struct Config: Configuration {
    /// Output channels of each convolution.
    public var channels = 512
    /// Stride over time of each block; their product is the number of mel frames from frame to frame.
    public var timeStrides = [2, 2]

    /// MusicFM and MuQ: a quarter of the frames.
    public init() {}

    /// Checks ranges.
    public func validate() throws(InvalidSetting) {
      try require("channels", channels, in: 1...65_536)
      try require(
        (1...8).contains(timeStrides.count), "timeStrides",
        "\(timeStrides.count) blocks are not between 1 and 8")
      try require("timeStrides", timeStrides, in: 1...64)
    }
  }

  /// From the mel frames' side.
  public var blocks: [ResidualBlock]

  /// Weights and biases from U(±1/√(9 Cin)).
  public init(_ config: Config, using generator: inout some RandomNumberGenerator) {
    blocks = []
    for (i, stride) in config.timeStrides.enumerated() {
      blocks.append(
        ResidualBlock(
          from: i == 0 ? 1 : config.channels, to: config.channels, timeStride: stride,
          using: &generator))
    }
  }

  /// - Parameters:
  ///   - mel: `[B, T, bands]`
  ///   - pass: The pass: what is random and what it keeps.
  /// - Returns: `[B, T', bands' C]`
  public func callAsFunction(_ mel: Tensor, in pass: ForwardPass) -> Tensor {
    let planes = blocks.reduce(mel.insertingAxis(at: -1)) { $1($0, in: pass) }
    let shape = planes.shape
    return planes.reshaped([shape[0], shape[1], shape[2] * shape[3]])
  }

  /// Takes what a training pass measured in the batch norms.
  public mutating func updateStatistics(from rest: inout ArraySlice<BatchStatistics>) {
    for i in blocks.indices { blocks[i].updateStatistics(from: &rest) }
  }

  /// Shows the blocks.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.children("blocks", &blocks)
  }
}

extension ResidualSubsampling.Config: MelFrontEndConfiguration {
  /// Frames of so many mel frames, `⌊(T - 1) / stride⌋ + 1` for each block in turn.
  public func frameCount(_ frames: Int) -> Int {
    timeStrides.reduce(frames) { frames, stride in frames == 0 ? 0 : (frames - 1) / stride + 1 }
  }

  /// The fewest mel frames that make so many frames.
  public func melFrameCount(frames: Int) -> Int {
    timeStrides.reversed().reduce(frames) { frames, stride in (frames - 1) * stride + 1 }
  }

  /// Numbers of a frame of the result, `bands' C`.
  public func width(bands: Int) -> Int { self.bands(of: bands).last! * channels }

  /// The bands after each block.
  private func bands(of bands: Int) -> [Int] {
    timeStrides.indices.map { block in (0...block).reduce(bands) { n, _ in (n + 1) / 2 } }
  }

  /// How many numbers the blocks learn: of each three convolutions and three norms.
  public func parameterCount(bands: Int) -> Int {
    timeStrides.indices.reduce(0) { count, block in
      let inputs = block == 0 ? 1 : channels
      return count + 9 * channels * (2 * inputs + channels) + 3 * channels + 6 * channels
    }
  }

  /// The blocks, untrained.
  public func frontEnd(
    bands: Int, using generator: inout some RandomNumberGenerator
  ) -> any MelFrontEnd {
    ResidualSubsampling(self, using: &generator)
  }

  /// Of each block what leaves its three convolutions, what the norm and the activation between two of them leave, and
  /// what leaves the block.
  public func kept(frames: Int, bands: Int) -> Double {
    var (frames, total) = (frames, Double(frames) * Double(bands))
    for (block, bands) in self.bands(of: bands).enumerated() {
      frames = (frames - 1) / timeStrides[block] + 1
      total += 6 * Double(frames) * Double(bands) * Double(channels)
    }
    return total
  }

  /// Multiplications of the convolutions over so many mel frames.
  public func products(frames: Int, bands: Int) -> Double {
    var (frames, total) = (frames, 0.0)
    for (block, bands) in self.bands(of: bands).enumerated() {
      frames = (frames - 1) / timeStrides[block] + 1
      let inputs = block == 0 ? 1 : channels
      total += 9 * Double(frames * bands * channels) * Double(2 * inputs + channels)
    }
    return total
  }
}
