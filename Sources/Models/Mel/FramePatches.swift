import Models
import Settings
import Tensor

/// Neighbouring mel frames side by side, for one linear map: `[B, T, bands] -> [B, ⌊T / n⌋, n bands]`. What is left
/// over at the end is dropped.
///
/// Source: OMAR-RQ's patches, over all bands.
public struct FramePatches: MelFrontEnd {
  /// The numbers of a recipe's `melEncoder.frontEnd.patches`.
  public struct Config: Configuration {
    /// Mel frames of a patch.
    public var frames = 4

    /// A quarter of the frames.
    public init() {}
  }

  private let frames: Int

  /// Nothing is learned.
  public init(_ config: Config) { frames = config.frames }

  /// - Parameters:
  ///   - mel: `[B, T, bands]`
  ///   - pass: The pass.
  /// - Returns: `[B, ⌊T / n⌋, n bands]`
  public func callAsFunction(_ mel: Tensor, in pass: ForwardPass) -> Tensor {
    let (batch, time, bands) = (mel.shape[0], mel.shape[1] / frames, mel.shape[2])
    return mel.sliced(axis: 1, 0..<time * frames).reshaped([batch, time, frames * bands])
  }

  /// Shows nothing.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {}
}

extension FramePatches.Config: MelFrontEndConfiguration {
  /// Checks the range.
  public func validate() throws(InvalidSetting) { try require("frames", frames, in: 1...1_024) }

  /// `⌊T / n⌋`
  public func frameCount(_ frames: Int) -> Int { frames / self.frames }
  /// `n` for each frame.
  public func melFrameCount(frames: Int) -> Int { frames * self.frames }
  /// `n bands`
  public func width(bands: Int) -> Int { frames * bands }
  /// Mel frames of a patch.
  public var timeStrides: [Int] { [frames] }
  /// None.
  public func parameterCount(bands: Int) -> Int { 0 }
  /// None.
  public func products(frames: Int, bands: Int) -> Double { 0 }
  /// The patches, which the map after them reads.
  public func kept(frames: Int, bands: Int) -> Double { Double(frames) * Double(bands) }

  /// Patches.
  public func frontEnd(
    bands: Int, using generator: inout some RandomNumberGenerator
  ) -> any MelFrontEnd { FramePatches(self) }
}
