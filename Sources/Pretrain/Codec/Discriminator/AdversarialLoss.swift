import Tensor

/// The losses of a codec and of its discriminators, from what these compute.
///
/// Source: Défossez et al. 2022 (EnCodec), section 3.4. audiocraft's default loss of the generator is `-mean D`, and its
/// default of features is not divided.
public enum AdversarialLoss {
  /// The discriminators' own loss: `mean_k (mean max(0, 1 - D_k(x)) + mean max(0, 1 + D_k(x̂)))`.
  ///
  /// - Parameters:
  ///   - originals: What each discriminator computes from the originals, `D_k(x)`.
  ///   - reconstructions: The same of detached reconstructions, `D_k(x̂)`.
  /// - Traps when: the numbers of discriminators differ, or there is none.
  public static func discriminator(
    originals: [DiscriminatorOutput], reconstructions: [DiscriminatorOutput]
  ) -> Tensor {
    mean(originals, reconstructions) { original, reconstruction in
      (1 - original.logits).relu().mean() + (1 + reconstruction.logits).relu().mean()
    }
  }

  /// The codec's loss by the estimates: `mean_k mean max(0, 1 - D_k(x̂))`.
  ///
  /// - Parameter reconstructions: What each discriminator computes from the reconstructions.
  /// - Traps when: there is no discriminator.
  public static func generator(_ reconstructions: [DiscriminatorOutput]) -> Tensor {
    mean(reconstructions, reconstructions) { _, reconstruction in
      (1 - reconstruction.logits).relu().mean()
    }
  }

  /// The codec's loss by the hidden layers: `mean_kl mean |D_kl(x) - D_kl(x̂)| / mean |D_kl(x)|`.
  ///
  /// - Parameters:
  ///   - originals: What each discriminator computes from the originals. They get no gradient.
  ///   - reconstructions: The same of the reconstructions.
  /// - Traps when: the numbers of discriminators or the shapes of their features differ, or there is none.
  public static func features(
    originals: [DiscriminatorOutput], reconstructions: [DiscriminatorOutput]
  ) -> Tensor {
    mean(originals, reconstructions) { original, reconstruction in
      let layers = zip(original.features, reconstruction.features).map { x, y in
        (x.detached() - y).abs().mean() / x.detached().abs().mean()
      }
      return layers.reduce(Tensor(0), +) / Float(layers.count)
    }
  }

  private static func mean(
    _ originals: [DiscriminatorOutput], _ reconstructions: [DiscriminatorOutput],
    _ loss: (DiscriminatorOutput, DiscriminatorOutput) -> Tensor
  ) -> Tensor {
    precondition(
      originals.count == reconstructions.count && !originals.isEmpty,
      "AdversarialLoss: \(originals.count) and \(reconstructions.count) discriminators")
    let losses = zip(originals, reconstructions).map(loss)
    return losses.reduce(Tensor(0), +) / Float(losses.count)
  }
}
