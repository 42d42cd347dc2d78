import Foundation
import Tensor

extension Tensor {
  /// This tensor of a file, all of whose numbers are finite: with one NaN among its weights, a model answers
  /// everything with NaN.
  /// - Throws: `ModelError.file`.
  package func checkedFinite(_ name: String, of url: URL) throws(ModelError) -> Tensor {
    guard let element = nonFiniteElement else { return self }
    throw .file(
      url.path,
      problem: "tensor '\(name)' holds \(element); it is damaged, or its training went wrong: "
        + "get a fresh copy, or take an earlier checkpoint")
  }
}

extension Sequence<(path: String, tensor: Tensor)> {
  /// That a model whose parameters these are may be written to `url`.
  /// - Throws: `ModelError.file` if a number is NaN or infinite.
  func checkFinite(beforeWriting url: URL) throws(ModelError) {
    for (path, tensor) in self {
      guard let element = tensor.nonFiniteElement else { continue }
      throw .file(
        url.path,
        problem: "is not written, as '\(path)' of the model holds \(element); "
          + "take an earlier checkpoint")
    }
  }
}
