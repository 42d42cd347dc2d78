import Files
import Foundation
import Tensor

/// The folder of golden files.
public let goldenFolder = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Golden")

/// The tensors of `Tests/Golden/<file>.safetensors`, written by the script of the same name.
public func golden(_ file: String) throws -> [String: Tensor] {
  try SafeTensors(contentsOf: goldenFolder.appendingPathComponent(file + ".safetensors"))
    .tensors()
}
