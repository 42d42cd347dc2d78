import Models
import Tensor

extension ProbeSubject {
  /// A trained encoder.
  public static func pretrained(
    _ encoder: any Encoder, name: String, pooling: FrameFeatures.Pooling = .mean
  ) -> ProbeSubject {
    ProbeSubject(model: name, kind: .pretrained) { _ in FrameFeatures(encoder, pooling: pooling) }
  }

  /// The same encoder as it would be before its first step, with other weights for each seed.
  public static func randomInitialisation(
    of start: RandomStart, name: String, pooling: FrameFeatures.Pooling = .mean
  ) -> ProbeSubject {
    ProbeSubject(model: name, kind: .randomInitialisation) { seed in
      FrameFeatures(try start.encoder(seed: seed), pooling: pooling)
    }
  }
}
