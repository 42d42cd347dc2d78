import Models
import Pretrain
import Settings
import TestSupport
import Testing
import Train

/// What a codec's recipe refuses before any work.
@Suite struct CodecRecipeTests {
  private func flaw(_ change: (inout CodecRecipe) -> Void) -> String {
    var recipe = CodecRecipe.tinyCodec
    change(&recipe)
    return complaint { try recipe.check() }
  }

  @Test func theTinyOneIsSound() throws { try CodecRecipe.tinyCodec.check() }

  @Test func stereoIsNotTrained() {
    #expect(
      flaw { $0.codec.channels = 2 }
        == "recipe tiny: codec.channels: 2 channels cannot be trained, as audio is read in mono; set it to 1"
    )
  }

  @Test func theFirstBatchHasAFrameForEachEntry() {
    #expect(
      flaw { $0.codec.quantizer.codes = 1024 }.hasPrefix(
        "recipe tiny: training.batchSize: 2 crops of data.cropSeconds 0.1 have 200 frames, and "
          + "codec.quantizer.codes are 1024"))
  }

  @Test func windowsFitACrop() {
    #expect(
      flaw { $0.losses.mel!.scales.longestWindow = 1024 }.hasPrefix(
        "recipe tiny: losses.mel.scales.longestWindow: 1024 samples are more than a crop"))
    #expect(
      flaw { $0.losses.mel!.scales.lowestFrequency = 4_000 }.hasPrefix(
        "recipe tiny: losses.mel.scales.lowestFrequency: 4000 Hz is not below half"))
  }

  @Test func codebooksBeginBeforeTheEnd() {
    #expect(
      flaw { $0.codebooks.firstStep = 6 }.hasPrefix(
        "recipe tiny: codebooks.firstStep: 6 is not below training.steps 6"))
  }

  @Test func thereIsALoss() {
    #expect(
      flaw { ($0.losses.mel, $0.losses.time) = (nil, 0) }.contains("losses.time: needs to be"))
  }

  @Test func aCodecHasNoLayersToComputeAgain() {
    #expect(
      flaw { $0.training.activationCheckpointing = true }
        .contains("training.activationCheckpointing: is for transformers"))
  }

  @Test func anotherKindIsAnError() {
    #expect(flaw { $0.kind = "codex" } == "recipe tiny: kind: 'codex' is not codec")
  }
}
