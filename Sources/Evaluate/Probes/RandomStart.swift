import MelModels
import Models
import Tensor

/// What an encoder is before its first step but for its weights: its numbers, and what was measured of the collection.
public struct RandomStart {
  private let config: any EncoderConfiguration
  private let inputStatistics: InputStatistics?

  /// That of an encoder, whose statistics of its input are kept.
  public init(of encoder: any Encoder) {
    config = encoder.config
    inputStatistics = (encoder as? any StandardizingEncoder)?.inputStatistics
  }

  /// That of an encoder of which there are the numbers alone. One that standardises its input takes it as it is.
  public init(of config: any EncoderConfiguration) {
    (self.config, inputStatistics) = (config, nil)
  }

  /// The encoder with the weights of a seed.
  /// - Throws: `ModelError.setting`.
  func encoder(seed: Int) throws -> any Encoder {
    var generator = RandomStream(seed: UInt64(seed), purpose: .initialisation)
    let encoder = try config.untrained(using: &generator)
    guard let inputStatistics, var standardizing = encoder as? any StandardizingEncoder else {
      return encoder
    }
    standardizing.inputStatistics = inputStatistics
    return standardizing
  }
}

extension RandomStart: Equatable {
  /// Whether both have the same weights with the same seed.
  public static func == (a: RandomStart, b: RandomStart) -> Bool {
    a.config.isEqual(to: b.config) && a.inputStatistics == b.inputStatistics
  }
}
