import Models
import Settings
import Tensor

/// Discriminators that a codec is trained against, and that are trained beside it.
///
/// Source: Défossez et al. 2022 (EnCodec), §3.4. There the discriminators have an optimiser of their own with the same
/// numbers; here one optimiser changes all parameters, each by its own gradient.
struct CodecAdversary: Module {
  /// The numbers of a recipe's `losses.adversary`.
  typealias Config = CodecTraining.Adversary

  private let config: Config
  private let seed: UInt64
  private var discriminators: MultiScaleDiscriminator

  init(_ config: Config, seed: UInt64, using generator: inout some RandomNumberGenerator) {
    (self.config, self.seed) = (config, seed)
    discriminators = MultiScaleDiscriminator(config.discriminators, using: &generator)
  }

  /// What the reconstructions are judged by: estimates and hidden layers of the discriminators, which are constants in
  /// both.
  func terms(of original: Tensor) -> [WaveformLosses.Term] {
    let frozen = discriminators.detached()
    let originals = frozen(original)
    return [
      .init(name: "adversarial", weight: config.estimates) {
        AdversarialLoss.generator(frozen($0))
      },
      .init(name: "features", weight: config.features) {
        AdversarialLoss.features(originals: originals, reconstructions: frozen($0))
      },
    ]
  }

  /// The discriminators' own loss, of reconstructions that are constants in it; nil in a step that does not train them.
  func loss(of reconstruction: Tensor, _ original: Tensor, step: Int) -> Loss? {
    var stream = RandomStream(seed: seed, purpose: .adversary, step: step)
    guard Float.random(in: 0..<1, using: &stream) < config.probability else { return nil }
    return Loss(
      total: AdversarialLoss.discriminator(
        originals: discriminators(original),
        reconstructions: discriminators(reconstruction.detached())))
  }

  /// Shows the discriminators.
  mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("discriminators", &discriminators, part: .discriminators)
  }
}

extension ModulePart {
  /// What a codec is trained against.
  public static let discriminators = ModulePart("discriminators")
}
