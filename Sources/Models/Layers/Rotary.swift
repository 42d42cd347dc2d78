import Foundation
import Settings
import Tensor

/// Rotary positions: pairs of channels of every head are turned by angles that grow with time, so that scores
/// depend on distances.
///
/// Pair `i` of `n` turns by `base^(-i / n)` radians a frame. Published models differ in three ways, which are
/// settings here: which channels are a pair, how many channels of a head are turned, and where.
///
/// | | pairs | place |
/// |---|---|---|
/// | `Wav2Vec2Conformer` of `transformers`; MusicFM, MuQ | halves | input |
/// | MERT-v2 | halves | queries and keys |
/// | RoFormer; OMAR-RQ | neighbours | queries and keys |
///
/// Source: Su et al. 2021, 3.4.2.
public struct Rotary: Configuration {
  /// What is turned.
  public enum Place: String, Codable, Sendable, CaseIterable {
    /// What enters the maps of queries and keys, cut into heads; values come from frames that are not turned.
    case input
    /// The queries and keys.
    case queriesAndKeys
  }

  /// The slowest pair turns by about 1 / `base` radians a frame.
  public var base = 10_000.0
  /// Which channels are a pair.
  public var pairs = RotaryPairs.halves
  /// What is turned.
  public var place = Place.queriesAndKeys
  /// Channels of a head that are turned, from its first on; all unless given.
  public var channels: Int?

  /// Queries and keys by halves, as most models have them.
  public init() {}

  /// As `Wav2Vec2Conformer` of `transformers` has them.
  public static var wav2Vec2Conformer: Rotary {
    var rotary = Rotary()
    rotary.place = .input
    return rotary
  }

  /// Checks ranges. That the channels are those of a head, the encoder checks.
  public func validate() throws(InvalidSetting) {
    try require("base", base, in: 1...1e12)
    if let channels {
      try require("channels", channels, in: 2...65_536)
      try require(channels % 2 == 0, "channels", "\(channels) are not whole pairs")
    }
  }

  /// With the number of channels that are turned in a head of so many.
  package func writtenOut(depth: Int) -> Rotary {
    var copy = self
    copy.channels = channels ?? depth
    return copy
  }

  /// Radians from one frame to the next of each pair in a head of so many channels.
  public func frequencies(depth: Int) -> [Float] {
    let channels = channels ?? depth
    return (0..<channels / 2).map { Float(pow(base, -2 * Double($0) / Double(channels))) }
  }

  /// Turns frames `[B, T, D]`.
  /// - Traps when: `heads` does not divide `D`, or a head has fewer channels than are turned.
  public func callAsFunction(_ x: Tensor, heads: Int) -> Tensor {
    x.rotated(heads: heads, frequencies: frequencies(depth: x.shape[2] / heads), pairs: pairs)
  }
}
