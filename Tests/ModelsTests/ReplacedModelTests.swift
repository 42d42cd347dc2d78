import Foundation
import Models
import Tensor
import TestSupport
import Testing

/// A model that takes another's place in a folder takes all of it.
@Suite struct ReplacedModelTests {
  private let heads = PretrainingHeads([
    "spectrum.projection.weight": .zeros([7, 12]), "spectrum.projection.bias": .zeros([7]),
  ])

  private func names(in folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  @Test func theOldHeadsGo() throws {
    try withTemporaryFolder { folder in
      try ModelFolder.write(AudioEncoder.random(.tiny), heads: heads, to: folder)
      #expect(try !ModelSource(folder).heads().isEmpty)
      try AudioEncoder.random(.tiny, seed: 2).save(to: folder)
      #expect(try ModelSource(folder).heads().isEmpty)
    }
  }

  @Test func otherFilesStay() throws {
    try withTemporaryFolder { folder in
      try Data("mine".utf8).write(to: folder.appendingPathComponent("notes.txt"))
      try ModelFolder.write(AudioEncoder.random(.tiny), heads: heads, to: folder)
      try AudioEncoder.random(.tiny).save(to: folder)
      #expect(
        try names(in: folder) == [
          "config.json", "model.safetensors", "notes.txt", "preprocessor_config.json",
        ])
    }
  }

  /// Readers look for the files of OMAR-RQ first.
  @Test func aModelOfAnotherFormGoes() throws {
    try withTemporaryFolder { folder in
      for name in ["config.gin", "model.ckpt"] {
        try Data("old".utf8).write(to: folder.appendingPathComponent(name))
      }
      try AudioEncoder.random(.tiny).save(to: folder)
      #expect(
        try names(in: folder) == ["config.json", "model.safetensors", "preprocessor_config.json"])
    }
  }

  /// Heads that cannot be written stop the writing when the weights are written already.
  @Test func aFailureLeavesTheOldModel() throws {
    try withTemporaryFolder { folder in
      try ModelFolder.write(AudioEncoder.random(.tiny), heads: heads, to: folder)
      let before = try names(in: folder)
      let spoiled = PretrainingHeads(["spectrum.projection.weight": Tensor([.nan], shape: [1, 1])])
      expectError("\(folder.path)/heads.safetensors: is not written") {
        try ModelFolder.write(AudioEncoder.random(.tinyLarge), heads: spoiled, to: folder)
      }
      #expect(try AudioEncoder.load(folder).config == .tiny)
      #expect(try !ModelSource(folder).heads().isEmpty && names(in: folder) == before)
    }
  }

  /// Without `config.json`, which comes last, nothing opens the folder.
  @Test func aFolderIsNoModelBeforeItsLastFile() throws {
    try withTemporaryFolder { folder in
      try AudioEncoder.random(.tiny).save(to: folder)
      try FileManager.default.removeItem(at: folder.appendingPathComponent("config.json"))
      expectError("config.json: cannot be read; is this a model's folder?") {
        _ = try AudioEncoder.load(folder)
      }
    }
  }
}
