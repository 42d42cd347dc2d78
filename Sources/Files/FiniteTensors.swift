import Foundation
import Tensor

extension Tensor {
  /// This tensor, after a check that all its numbers are finite: one NaN in a weight makes every
  /// output of the model NaN.
  /// - Throws: `FileError.unsuitable`.
  package func checkedFinite(_ name: String, of url: URL) throws(FileError) -> Tensor {
    guard let element = nonFiniteElement else { return self }
    throw .unsuitable(
      path: url.path,
      reason: "tensor '\(name)' holds \(element); it is damaged, or its training went wrong: "
        + "get a fresh copy, or take an earlier checkpoint")
  }
}

extension SafeTensors {
  /// All tensors of a file by name, after a check that all numbers are finite.
  /// - Throws: `FileError`.
  package static func finiteTensors(contentsOf url: URL) throws -> [String: Tensor] {
    let tensors = try SafeTensors(contentsOf: url).tensors()
    return try Dictionary(
      uniqueKeysWithValues: tensors.map { name, tensor in
        (name, try tensor.checkedFinite(name, of: url))
      })
  }
}

extension Sequence<(path: String, tensor: Tensor)> {
  /// Checks that the parameters of a model are finite before they are written to `url`.
  /// - Throws: `FileError.unsuitable` if a number is NaN or infinite.
  package func checkFinite(beforeWriting url: URL) throws(FileError) {
    for (path, tensor) in self {
      guard let element = tensor.nonFiniteElement else { continue }
      throw .unsuitable(
        path: url.path,
        reason: "is not written, as '\(path)' of the model holds \(element); "
          + "take an earlier checkpoint")
    }
  }
}
