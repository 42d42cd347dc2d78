import Files
import Foundation
import MelModels
import Models
import Tensor
import TestSupport
import Testing

/// `etude convert` with models over mel frames.
@Suite(.enabled(if: BuiltCommand.isThere)) struct ConvertTests {
  private func convert(
    _ model: String, to name: String, _ options: String = "", in folder: TestFolder
  ) throws -> (code: Int32, errors: String) {
    let source = goldenFolder.appendingPathComponent(model).path
    let target = folder.url.appendingPathComponent(name).path
    return try BuiltCommand.run("\"$ETUDE\" convert '\(source)' '\(target)' \(options)")
  }

  /// Its own folder, the form that it had, and the first of both again.
  @Test(arguments: [("muq", "muq"), ("mert2", "mert-v2"), ("omar-rq/mel", "omar-rq")])
  func aModelComesBackAsItWas(model: String, form: String) throws {
    let folder = try TestFolder()
    #expect(try convert("models_mel/\(model)", to: "own", in: folder).code == 0)
    let own = folder.url.appendingPathComponent("own").path
    let again = folder.url.appendingPathComponent("again").path
    let found = try BuiltCommand.run("\"$ETUDE\" convert '\(own)' '\(again)' --to \(form)")
    #expect(found.code == 0, "\(found.errors)")
    let before = try MelEncoder.load(goldenFolder.appendingPathComponent("models_mel/\(model)"))
    for name in ["own", "again"] {
      let after = try MelEncoder.load(folder.url.appendingPathComponent(name))
      for (a, b) in zip(before.state, after.state) where a.path != "maskEmbedding" {
        #expect(a.tensor.scalars == b.tensor.scalars, "\(name): \(a.path)")
      }
    }
  }

  /// What is in a folder, or beside a file, may be another model's.
  @Test func nothingIsReplaced() throws {
    let folder = try TestFolder()
    try folder.write("precious", to: "kept/model.safetensors")
    try folder.write("precious", to: "msd_stats.json")
    try FileManager.default.createDirectory(
      at: folder.url.appendingPathComponent("empty"), withIntermediateDirectories: false)
    let musicFM = "models_mel/musicfm/pretrained_tiny.pt"
    for (model, name, refused) in [
      ("models/hubert-post", "kept", "kept: is there already"),
      (musicFM, "kept", "kept: is there already"),
      (musicFM, "msd.pt", "msd_stats.json: is there already"),
    ] {
      let found = try convert(model, to: name, in: folder)
      #expect(found.code == 1 && found.errors.contains(refused), "\(found)")
    }
    for name in ["kept/model.safetensors", "msd_stats.json"] {
      #expect(try folder.text(of: name) == "precious")
    }
    #expect(try convert(musicFM, to: "empty", in: folder).code == 0)
    #expect(
      try BuiltCommand.run("\"$ETUDE\" convert x ''").errors.contains("path of an output is empty"))
  }

  @Test func formsOfOtherKindsAreRefused() throws {
    let folder = try TestFolder()
    for (model, options, words) in [
      ("models_mel/muq", "--to mert", "which has the forms etude, muq, omar-rq and mert-v2"),
      ("models_mel/muq", "--to mert-v2", "MERT-v2 has ConvNeXt layers"),
      ("models/hubert-post", "--to muq", "which has the forms transformers and mert"),
    ] {
      let found = try convert(model, to: "refused", options, in: folder)
      #expect(found.code == 1 && found.errors.contains(words), "\(found)")
    }
    let found = try convert("models_mel/muq", to: "refused.pt", in: folder)
    #expect(
      found.code == 1 && found.errors.contains("heads: MusicFM has 16 heads alone"), "\(found)")
    #expect(
      !FileManager.default.fileExists(atPath: folder.url.appendingPathComponent("refused").path))
  }
}
