import Models
import Optimisation
import Pretrain
import Tensor
import Train

extension CodecRecipe {
  /// A recipe that trains in a second, on `TinyStudio`'s music.
  static var tinyCodec: CodecRecipe {
    var recipe = CodecRecipe()
    recipe.name = "tiny"
    (recipe.codec.sampleRate, recipe.codec.filters, recipe.codec.strides) = (8_000, 4, [2, 4])
    (recipe.codec.width, recipe.codec.kernel, recipe.codec.lastKernel) = (6, 5, 5)
    recipe.codec.lstmLayers = 1
    (recipe.codec.quantizer.codebooks, recipe.codec.quantizer.codes) = (3, 8)
    recipe.data.cropSeconds = 0.1
    (recipe.losses.mel!.scales.shortestWindow, recipe.losses.mel!.scales.longestWindow) = (8, 32)
    recipe.losses.mel!.scales.bands = 5
    (recipe.schedule.peakRate, recipe.schedule.warmupSteps) = (1e-3, 2)
    (recipe.training.steps, recipe.training.batchSize, recipe.training.accumulation) = (6, 2, 2)
    (recipe.training.checkpointEvery, recipe.training.logEvery) = (3, 1)
    return recipe
  }

  /// The same against discriminators, which about every second step trains.
  static var tinyAdversarial: CodecRecipe {
    var (recipe, adversary) = (tinyCodec, CodecTraining.Adversary())
    (adversary.discriminators.windows, adversary.discriminators.filters) = ([32, 16], 2)
    adversary.probability = 0.5
    (recipe.name, recipe.losses.adversary) = ("tiny-adversarial", adversary)
    return recipe
  }
}
