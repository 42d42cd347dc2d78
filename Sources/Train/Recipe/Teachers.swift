import Pretrain
import Tensor

extension Recipe {
  /// The teachers of a recipe.
  public struct Teachers: Configuration {
    /// Clusterings of audio features; each makes one label set.
    public var kmeans: [KMeansTeacher.Config] = []
    /// Codes of a residual vector quantiser.
    public var rvq: QuantizerCodes?
    /// The moving average of the model itself.
    public var ema: EMATeacher.Config?
    /// Nobody.
    public init() {}

    /// How many codes each label set has.
    public var codebooks: [Int] {
      kmeans.map(\.clustering.clusters)
        + Array(repeating: rvq?.codes ?? 0, count: rvq?.codebooks ?? 0)
    }
  }

  /// The codes that MERT's acoustic teacher gives a frame. They cannot be made here yet: such a recipe
  /// can be measured, not trained.
  public struct QuantizerCodes: Configuration {
    /// Quantisers in a row, each a label set of its own.
    public var codebooks = 8
    /// Entries of each.
    public var codes = 1024
    /// EnCodec's at 24 kHz and 6 kbit/s.
    public init() {}
  }
}
