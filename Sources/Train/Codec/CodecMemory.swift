import Cluster
import Foundation
import Models
import Pretrain
import Tensor

/// What a step of a codec's training is going to hold at its most, in bytes, part by part.
///
/// Counted from the tensors that operations keep for their gradients (listed in their *Gradient* lines). The most is
/// held when the decoder's backward pass begins.
public struct CodecMemory: Codable, Sendable {
  /// Parameters, and of those that are not frozen the optimiser's two moments and the moving average, float32.
  public var state: Double
  /// All gradients, float32; twice if those of several batches add up.
  public var gradients: Double
  /// The codebooks' state, what they observe of a batch, and what is left after each of them.
  public var codebooks: Double
  /// What the encoder keeps.
  public var encoder: Double
  /// What the decoder keeps.
  public var decoder: Double
  /// Originals, reconstructions, and what their losses keep.
  public var waveforms: Double
  /// What the discriminators keep.
  public var discriminators: Double
  /// Gradients on their way through the decoder's last stage.
  public var passing: Double
  /// Code, tables, and what libraries allocate for themselves.
  public var program: Double

  /// The most that is held at once.
  public var peak: Double {
    state + gradients + codebooks + encoder + decoder + waveforms + discriminators + passing
      + program
  }

  /// That of a recipe.
  init(_ recipe: CodecRecipe, training parts: TrainedParts, on placement: Placement = .alone) {
    let (codec, training) = (recipe.codec, recipe.training)
    let element = training.precision == .bf16 ? 2.0 : 4.0
    let crops = Double(training.batchSize)
    let (frames, samples) = (crops * Double(recipe.cropFrames), crops * Double(recipe.cropSamples))
    let discriminators = recipe.losses.adversary?.discriminators
    let parameters = Double(codec.parameterCount + (discriminators?.parameterCount ?? 0))
    let trained = parameters - Double(parts.frozenCount)
    state =
      4 * parameters + (placement.momentBytes + (training.averaging == nil ? 0 : 4)) * trained
    gradients =
      4 * trained * Double(1 + PairwiseSum<Gradients>.mostLevels(of: training.accumulation))
    codebooks = Self.codebooks(codec, batches: training.accumulation, frames: frames)
    let isEncoderTrained = parts.share { $0.part == .codecEncoder } > 0
    encoder = isEncoderTrained ? frames * Double(codec.encoderCost.kept) * element : 0
    decoder = frames * Double(codec.decoderCost.kept) * element
    // The original twice, the reconstruction and its leaf, and of each loss a gradient and what it keeps.
    waveforms = 4 * samples * (6 + Double(recipe.losses.mel?.scales.windows.count ?? 0))
    self.discriminators =
      (discriminators?.kept(samples: recipe.cropSamples) ?? 0) * crops * 4
    passing = 3 * samples * Double(codec.filters) * element
    program = 0.08e9
  }

  /// Entries and sums, twice while they are renewed, and for each batch sums, candidates and the residuals, float32.
  private static func codebooks(
    _ codec: Codec.Config, batches: Int, frames: Double
  ) -> Double {
    let entries = Double(codec.quantizer.codes) * Double(codec.width)
    let each = 4 * entries + Double(batches) * 2 * entries + 2 * frames * Double(codec.width)
    return 4 * Double(codec.quantizer.codebooks) * each
  }
}

extension CodecRecipe {
  /// The plan of a codec's training.
  public func plan() throws -> TrainingPlan { try TrainingPlan(self) { CodecCosts($0) } }

  /// Checks that a step fits into memory.
  ///
  /// - Parameters:
  ///   - available: What this process may use.
  ///   - placement: The ranks that share the step.
  /// - Throws: `RunError.memory`.
  public func checkMemory(available: UsableMemory, on placement: Placement = .alone) throws {
    try checkParameters()
    try check(
      bytes: CodecMemory(self, training: TrainedParts(of: self), on: placement).peak,
      available: available,
      remedy: "lower training.batchSize or data.cropSeconds")
  }
}
