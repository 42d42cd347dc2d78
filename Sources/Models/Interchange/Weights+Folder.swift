import Files
import Foundation

extension Weights {
  /// The weights in a folder, the first of these that is there: `model.safetensors`, the files of
  /// `model.safetensors.index.json`, `pytorch_model.bin`, those of `pytorch_model.bin.index.json`.
  /// - Throws: `ModelError.file`, naming the folder, if there are none; `FileError`.
  package init(folder: URL) throws {
    let kinds: [(name: String, open: (URL) throws -> Weights)] = [
      (ModelFolder.weightsName, { try Weights(safeTensors: $0) }),
      (
        "model.safetensors.index.json",
        { try Weights(index: $0) { try Weights(safeTensors: $0) } }
      ),
      ("pytorch_model.bin", { try Weights(pytorch: $0) }),
      ("pytorch_model.bin.index.json", { try Weights(index: $0) { try Weights(pytorch: $0) } }),
    ]
    for (name, open) in kinds {
      let url = folder.appendingPathComponent(name)
      guard try Presence.kind(of: url.path) != nil else { continue }
      self = try open(url)
      return
    }
    throw ModelError.file(
      folder.path,
      problem: "has no weights; one of \(kinds.map(\.name).joined(separator: ", ")) is needed")
  }

  /// That the file is large enough for a model, before memory is asked for: a configuration may name any size, a
  /// file holds what it holds.
  /// - Throws: `ModelError.tensors`.
  package func checkSize(numbers: Double, tensors: Int) throws(ModelError) {
    guard numbers <= elementCount, tensors <= entries.count else {
      throw .tensors(
        "the configuration needs \(numbers) numbers in \(tensors) tensors or more, the file has "
          + "\(elementCount) in \(entries.count); is it the weights of another model?")
    }
  }
}
