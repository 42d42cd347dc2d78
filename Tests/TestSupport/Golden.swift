import Foundation
import Models
import Tensor

/// The tensors of `Tests/Golden/<file>.safetensors`, written by the script of the same name.
public func golden(_ file: String) throws -> [String: Tensor] {
  let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Golden")
  return try SafeTensors(contentsOf: folder.appendingPathComponent(file + ".safetensors"))
    .tensors()
}
