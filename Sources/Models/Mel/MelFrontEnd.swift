import Models
import Settings
import Tensor

/// Makes fewer and wider frames of mel frames.
public protocol MelFrontEnd: Module {
  /// - Parameters:
  ///   - mel: `[B, T, bands]`
  ///   - pass: The pass: what is random and what it keeps.
  /// - Returns: `[B, T', C]`
  func callAsFunction(_ mel: Tensor, in pass: ForwardPass) -> Tensor

  /// Takes what a training pass measured, if batch norms are in it.
  mutating func updateStatistics(from rest: inout ArraySlice<BatchStatistics>)
}

extension MelFrontEnd {
  /// Nothing: it has no batch norm.
  public mutating func updateStatistics(from rest: inout ArraySlice<BatchStatistics>) {}
}

/// The numbers of a front end, and what others need to know of it before it is built.
public protocol MelFrontEndConfiguration: Configuration {
  /// Mel frames from frame to frame, as factors.
  var timeStrides: [Int] { get }
  /// Frames of so many mel frames.
  func frameCount(_ frames: Int) -> Int
  /// The fewest mel frames that make so many frames.
  func melFrameCount(frames: Int) -> Int
  /// Channels of a frame.
  func width(bands: Int) -> Int
  /// Whether a linear map follows, for an encoder of so many channels.
  func isProjected(bands: Int, to width: Int) -> Bool
  /// How many numbers it learns.
  func parameterCount(bands: Int) -> Int
  /// Multiplications over so many mel frames, each with its addition.
  func products(frames: Int, bands: Int) -> Double
  /// Numbers that it keeps of so many mel frames for the backward pass, these frames among them.
  func kept(frames: Int, bands: Int) -> Double
  /// The front end, untrained.
  func frontEnd(
    bands: Int, using generator: inout some RandomNumberGenerator
  ) -> any MelFrontEnd
}

extension MelFrontEndConfiguration {
  /// Mel frames from one frame to the next.
  public var stride: Int { timeStrides.reduce(1, *) }
  /// A map always follows.
  public func isProjected(bands: Int, to width: Int) -> Bool { true }
}

extension MelEncoder {
  /// Which front end makes frames of mel frames: one of these, the residual convolutions of MusicFM and MuQ if none
  /// is given.
  public struct FrontEnd: Configuration {
    /// Residual convolutions over time and frequency: MusicFM and MuQ.
    public var residual: ResidualSubsampling.Config?
    /// ConvNeXt layers over time: MERT-v2.
    public var convNeXt: ConvNeXtSubsampling.Config?
    /// Neighbouring mel frames side by side.
    public var patches: FramePatches.Config?

    /// Residual convolutions.
    public init() {}

    private var given: [any MelFrontEndConfiguration] {
      let all: [(any MelFrontEndConfiguration)?] = [residual, convNeXt, patches]
      return all.compactMap(\.self)
    }

    /// The one that is given.
    public var chosen: any MelFrontEndConfiguration { given.first ?? ResidualSubsampling.Config() }

    /// With the residual convolutions that there are if none is given.
    var writtenOut: Self {
      var copy = self
      if given.isEmpty { copy.residual = ResidualSubsampling.Config() }
      return copy
    }

    /// Checks that there is one.
    public func validate() throws(InvalidSetting) {
      try require(
        given.count <= 1, "", "residual, convNeXt and patches exclude each other; keep one")
    }

    /// Checks all of it.
    func check() throws(InvalidSetting) {
      do { try residual?.validate() } catch { throw error.inside("residual") }
      do { try convNeXt?.validate() } catch { throw error.inside("convNeXt") }
      do { try patches?.validate() } catch { throw error.inside("patches") }
      try validate()
    }
  }
}
