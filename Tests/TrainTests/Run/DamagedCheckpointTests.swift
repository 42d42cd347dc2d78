import Foundation
import TestSupport
import Testing
import Train

/// A damaged checkpoint is named, and the one before it is used.
@Suite struct DamagedCheckpointTests {
  private static var recipe: Recipe {
    var recipe = Recipe.tinyData2Vec
    (recipe.training.accumulation, recipe.training.keepCheckpoints) = (2, 3)
    recipe.training.checkpointMinutes = 1e-9
    return recipe
  }

  /// A run with the checkpoints of step 3, step 3 and a batch, and step 4; beside it a whole one.
  private func studio() throws -> TinyStudio {
    let studio = try TinyStudio()
    try studio.train(Self.recipe, in: "whole")
    try studio.train(Self.recipe, in: "run", until: 4)
    #expect(try studio.checkpoints(of: "run") == ["step-3", "step-3-batch-1", "step-4"])
    return studio
  }

  private func flip(_ file: String, bit: Int, _ studio: TinyStudio) throws {
    let path = "runs/run/checkpoints/\(file)"
    var data = try Data(contentsOf: studio.folder.url.appendingPathComponent(path))
    data[bit / 8 % data.count] ^= UInt8(1 << (bit % 8))
    try studio.folder.write(data, to: path)
  }

  private func expectGoesOn(
    _ studio: TinyStudio, afterDamageOf file: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try studio.train(Self.recipe, in: "run", .resuming)
    #expect(
      studio.remarks.contains { $0.contains("checkpoints/\(file): is damaged: ") },
      "\(studio.remarks)", sourceLocation: sourceLocation)
    let (a, b) = (try studio.checkpoint(6, of: "whole"), try studio.checkpoint(6, of: "run"))
    for (name, bytes) in a {
      #expect(b[name] == bytes, "\(name)", sourceLocation: sourceLocation)
    }
    #expect(
      try studio.log(of: "run") == studio.log(of: "whole"), sourceLocation: sourceLocation)
    let aside = "damaged-" + file.split(separator: "/")[0]
    #expect(
      FileManager.default.fileExists(
        atPath: studio.run("run").checkpoints.appendingPathComponent(aside).path),
      sourceLocation: sourceLocation)
  }

  @Test(arguments: [
    "config.json", "model.safetensors", "heads.safetensors", "optimizer.safetensors",
    "teacher.safetensors",
  ])
  func oneFlippedBit(file: String) throws {
    let studio = try studio()
    try flip("step-4/\(file)", bit: 12_345, studio)
    try expectGoesOn(studio, afterDamageOf: "step-4/\(file)")
    #expect(studio.remarks.contains { $0.contains("the run goes on from step-3-batch-1") })
  }

  /// Wherever it is: in a number, a key, a hash, or the recipe.
  @Test(arguments: [3, 100, 555, 1_000, 3_333, 10_000, 17_777, 25_001, 31_000])
  func oneFlippedBitOfTheState(bit: Int) throws {
    let studio = try studio()
    try flip("step-4/state.json", bit: bit, studio)
    try expectGoesOn(studio, afterDamageOf: "step-4/state.json")
  }

  @Test func theSumsOfAnUpdateAndTheCheckpointAfterThem() throws {
    let studio = try studio()
    try flip("step-4/optimizer.safetensors", bit: 0, studio)
    try flip("step-3-batch-1/update.safetensors", bit: 99_999, studio)
    try expectGoesOn(studio, afterDamageOf: "step-3-batch-1/update.safetensors")
    #expect(studio.remarks.contains { $0.contains("the run goes on from step-3") })
  }

  @Test func aMissingFile() throws {
    let studio = try studio()
    try FileManager.default.removeItem(
      at: studio.run("run").checkpoints.appendingPathComponent("step-4/heads.safetensors"))
    try expectGoesOn(studio, afterDamageOf: "step-4/heads.safetensors")
  }

  @Test func noneIsWhole() throws {
    let studio = try studio()
    for name in ["step-3", "step-3-batch-1", "step-4"] {
      try flip("\(name)/model.safetensors", bit: 5_000, studio)
    }
    for start in [RunStart.resuming, .resumingIfThere] {
      #expect {
        try studio.train(Self.recipe, in: "run", start)
      } throws: {
        "\($0)".contains(
          "step-4/model.safetensors: is damaged: its content is not what was written")
      }
    }
    #expect(try studio.checkpoints(of: "run").count == 3)
  }

  /// A checkpoint of a version without hashes, to which a finer one has added nothing.
  @Test func checkpointsWithoutHashesAreReadAsBefore() throws {
    let studio = try studio()
    try studio.editState(4, of: "run") { _ in }
    try studio.train(Self.recipe, in: "run", .resuming)
    let (a, b) = (try studio.checkpoint(6, of: "whole"), try studio.checkpoint(6, of: "run"))
    for (name, bytes) in a { #expect(b[name] == bytes, "\(name)") }
    #expect(!studio.remarks.contains { $0.contains("damaged") })
  }
}
