import Models
import Settings
import Tensor

/// Assigns codes to whitened features: what the heads of a stream predict.
///
/// All that it computes with are its buffers, which a checkpoint keeps with the heads: no seed is needed to compute
/// the same codes again.
public protocol Tokenizer: Module {
  /// The code of each frame in each codebook, `N` for each.
  ///
  /// - Parameter frames: `[N, D]`, whitened.
  func codes(of frames: Tensor) -> [[Int32]]

  /// Learns from a sample of the collection, before the first step.
  ///
  /// - Parameters:
  ///   - frames: `[N, D]`, whitened.
  ///   - seed: Decides what is random.
  /// - Throws: `QuantizerError` if there are too few, or the training diverges.
  mutating func fit(to frames: Tensor, seed: UInt64) throws
}

extension Tokenizer {
  /// Nothing is learned.
  public mutating func fit(to frames: Tensor, seed: UInt64) throws {}
}

/// A tokeniser as a recipe asks for it.
///
/// A new kind is a file with a tokeniser and its setting, and a property of `StreamTokens`.
public protocol TokenizerSetting: Configuration {
  /// How many codes each of its codebooks has.
  var codebookSizes: [Int] { get }
  /// The fewest frames that it can be fitted to; 1 unless given, for one that learns nothing.
  var leastFrames: Int { get }
  /// The tokeniser before it is fitted.
  ///
  /// - Parameter width: Numbers of a frame, `D`.
  func tokenizer(width: Int) -> any Tokenizer
}

extension TokenizerSetting {
  /// Any.
  public var leastFrames: Int { 1 }
}

/// The tokeniser of a stream as a recipe asks for it: one kind.
public struct StreamTokens: Configuration {
  /// Random projections and random vectors (BEST-RQ, MusicFM): nothing is learned.
  public var randomProjection: RandomProjectionTokens?
  /// Rounded levels of a few random projections (OMAR-RQ): nothing is learned.
  public var scalar: ScalarTokens?
  /// A residual quantiser that is fitted to a sample of the collection before the first step (MuQ).
  public var projectedRVQ: ResidualTokens?

  /// Random projections.
  public init() {}

  private var given: [any TokenizerSetting] {
    let all: [(any TokenizerSetting)?] = [randomProjection, scalar, projectedRVQ]
    return all.compactMap(\.self)
  }

  /// The kind that is given, random projections if none is.
  var chosen: any TokenizerSetting { given.first ?? RandomProjectionTokens() }

  /// One kind.
  public func validate() throws(InvalidSetting) {
    try require(
      given.count <= 1, "", "names several tokenisers; a stream has one, so keep one")
  }
}
