import Foundation
import Models
import Pretrain
import Settings
import TestSupport
import Testing
import Train
import YAML

/// A block that no published model has, from the recipe to the checkpoint.
@Suite struct FeedForwardRecipeTests {
  @Test func aGatedModelIsTrainedAndGoesOn() throws {
    let studio = try TinyStudio()
    var recipe = Recipe.tinyMERT
    recipe.encoder.feedForward = .swiGLU
    try studio.train(recipe, in: "whole")
    try studio.train(recipe, in: "run", labels: "whole", until: 3)
    try studio.train(recipe, in: "run", labels: "whole", .resuming)
    let (a, b) = (try studio.checkpoint(6, of: "whole"), try studio.checkpoint(6, of: "run"))
    for (name, bytes) in a { #expect(bytes == b[name], "\(name)") }
  }

  @Test func aRecipeNamesTheKind() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("small.yaml")
      try "encoder: { feedForward: swiGLU }\n".write(to: file, atomically: true, encoding: .utf8)
      let encoder = try RecipeFile.load(AudioEncoderOnly.self, from: file.path).encoder
      #expect(encoder.feedForward == .swiGLU)
      expectError("expected one of gelu, swiGLU, found 'swiglu'; did you mean 'swiGLU'?") {
        _ = try RecipeFile.load(
          AudioEncoderOnly.self, from: file.path, settings: ["encoder.feedForward=swiglu"])
      }
    }
  }

  /// What a recipe of such an encoder alone would be.
  private struct AudioEncoderOnly: Configuration {
    var encoder = AudioEncoder.Config()
  }
}
