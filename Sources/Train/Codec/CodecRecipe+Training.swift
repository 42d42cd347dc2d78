import Audio
import Models
import Pretrain
import Settings
import Tensor

extension CodecRecipe: TrainingRecipe {
  /// The kind of recipe: `codec`.
  public static var kind: String? { "codec" }
  /// That of the codec, Hz.
  public var sampleRate: Int { codec.sampleRate }
  /// Seconds of all crops of an update.
  public var audioSecondsPerStep: Double { data.cropSeconds * Double(cropsPerStep) }

  /// This recipe with another seed, and that in its name.
  public func seeded(_ seed: Int) -> CodecRecipe {
    var copy = self
    (copy.seed, copy.name) = (seed, "\(name)-seed-\(seed)")
    return copy
  }

  /// A random codec.
  /// - Throws: `RunError.recipe` if it is to begin as another model.
  public func model(
    codebooks: [Int] = [], startingAs start: StartingPoint = StartingPoint()
  ) throws -> CodecTraining {
    if let path = start.identity?.name {
      throw RunError.recipe(
        name, reason: "a codec begins at random and cannot begin as \(path); leave out --init")
    }
    var generator = RandomStream(seed: UInt64(seed), purpose: .initialisation)
    return CodecTraining(
      Codec(codec, using: &generator), codebooks: self.codebooks, losses: losses,
      seed: UInt64(seed), using: &generator)
  }

  /// Crops in the order of the seed, made ahead.
  public func batches(of material: TrainingMaterial) throws -> any BatchSource<Batch> {
    let grid = CropGrid(
      seed: UInt64(seed), batchSize: training.batchSize, cropsPerFile: data.cropsPerFile,
      samples: cropSamples, frames: cropFrames, stride: 1, sampleRate: sampleRate)
    return BatchLoader(
      try CropSampler(material, grid: grid), batches: training.steps * training.accumulation,
      BatchDeal(of: training.accumulation, among: material.ranks))
  }
}
