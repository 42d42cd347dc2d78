import Foundation
import Models

extension FuzzTarget {
  /// Damaged files of PyTorch: fairseq's checkpoints as models, others as dictionaries of tensors.
  static let torch = FuzzTarget(
    "torch", file: "input.pt",
    damaging: { _ in
      try [
        "fairseq-hubert.pt", "fairseq-mert.pt", "fairseq-data2vec.pt", "fairseq-options.pt",
        "tensors.pt", "legacy.pt", "protocol4.pt",
      ].map { try bytes(of: golden.appendingPathComponent("pytorch/\($0)").path) }
    }, read: readTorch)

  /// Every tensor of a dictionary of tensors; of any other file, the model that it is.
  @Sendable static func readTorch(_ path: String) throws {
    let url = URL(fileURLWithPath: path)
    let file = try TorchFile(contentsOf: url)
    for name in file.names { _ = try file.tensor(name) }
    guard file.names.isEmpty else { return }
    let source = try ModelSource(url)
    _ = try source.encoder()
    _ = try source.heads()
  }

  /// Folders of models in which one of the files is damaged.
  static let modelFolder = FuzzTarget("model-folder", file: "config.json") { _ in
    let folders = try ["data2vec", "hubert-post"].map { name in
      let folder = golden.appendingPathComponent("models/\(name)")
      var files: [String: [UInt8]] = [:]
      for file in ["config.json", "preprocessor_config.json", "model.safetensors"] {
        files[file] = try bytes(of: folder.appendingPathComponent(file).path)
      }
      return name == "data2vec" ? files : try sharded(files)
    }
    return { path, stream in
      let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
      var files = folders.randomElement(using: &stream)!
      let damaged = files.keys.sorted().randomElement(using: &stream)!
      files[damaged] = Mutation(pool: [files[damaged]!]).mutant(using: &stream)
      for (name, bytes) in files {
        try Data(bytes).write(to: folder.appendingPathComponent(name))
      }
    }
  } read: { path in
    _ = try AudioEncoder.load(URL(fileURLWithPath: path).deletingLastPathComponent())
  }

  /// The same model with its weights behind an index.
  private static func sharded(_ files: [String: [UInt8]]) throws -> [String: [UInt8]] {
    var files = files
    let url = golden.appendingPathComponent("models/hubert-post/model.safetensors")
    let names = try SafeTensors(contentsOf: url).names
    let map = Dictionary(uniqueKeysWithValues: names.map { ($0, "part.safetensors") })
    files["part.safetensors"] = files.removeValue(forKey: "model.safetensors")
    files["model.safetensors.index.json"] = [UInt8](try JSONEncoder().encode(["weight_map": map]))
    return files
  }

  /// The folder of golden files.
  private static let golden = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Golden")
}
