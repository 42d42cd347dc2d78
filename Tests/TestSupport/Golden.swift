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

extension [String: Tensor] {
  /// The tensors whose names begin with `prefix.`, without it.
  public func under(_ prefix: String) -> [String: Tensor] {
    let prefix = prefix + "."
    let found = filter { $0.key.hasPrefix(prefix) }
    return Dictionary(
      uniqueKeysWithValues: found.map { (String($0.key.dropFirst(prefix.count)), $0.value) })
  }
}
