import Foundation
import Audio
import Models
import Optimisation
import Pretrain
import Settings
import Tensor

/// All the numbers of the training of a codec, as a recipe file with `kind: codec` holds them.
public struct CodecRecipe: NamedByFile {
  /// The kind of recipe: `codec`.
  public var kind = "codec"
  /// Name of the run, in folders and reports.
  public var name = "unnamed"
  /// Seed of everything random: weights, crops, first entries, dropout.
  public var seed = 1337
  /// The model: encoder, residual quantiser and decoder.
  public var codec = Codec.Config()
  /// The crops of audio that the codec is trained on.
  public var data = CropSampler.Config()
  /// How the codebooks are learned, and how much the latents keep to them.
  public var codebooks = CodebookLearning.Config()
  /// What the reconstructions are judged by.
  public var losses = CodecTraining.Losses()
  /// The optimiser, AdamW.
  public var optimizer = AdamW.Config()
  /// The learning rate over the run.
  public var schedule = Schedule.Config(kind: .constant, peakRate: 3e-4, warmupSteps: 0)
  /// The length of the run, the batch, the log and the checkpoints.
  public var training = Recipe.Training()
  /// Held-out files, on which the codec is validated while it trains.
  public var validation: Recipe.Validation?

  /// EnCodec's numbers: Adam without decay or clipping, 600,000 updates of 64 crops of a second.
  public init() {
    data.cropSeconds = 1
    (optimizer.beta1, optimizer.beta2, optimizer.epsilon) = (0.5, 0.9, 1e-8)
    (optimizer.weightDecay, optimizer.clipNorm) = (0, 0)
    (training.steps, training.batchSize) = (600_000, 64)
  }

  /// Samples of one crop.
  public var cropSamples: Int { Int((data.cropSeconds * Double(codec.sampleRate)).rounded()) }
  /// Frames of one crop, `T`.
  public var cropFrames: Int { (cropSamples + codec.stride - 1) / codec.stride }
  /// Crops of one update.
  public var cropsPerStep: Int { training.batchSize * training.accumulation }
}
