import Models
import Tensor

extension [String: Tensor] {
  /// A float32 tensor of two axes, none of which is empty.
  /// - Throws: `ModelError.tensors`.
  func matrix(_ name: String) throws(ModelError) -> Tensor {
    guard let tensor = self[name] else { throw .tensors("there is no '\(name)'") }
    guard tensor.dtype == .float32, tensor.rank == 2, tensor.elementCount > 0 else {
      throw .tensors("'\(name)' is \(tensor.dtype) \(tensor.shape), not a float32 matrix")
    }
    return tensor
  }

  /// A tensor of this shape and type.
  /// - Throws: `ModelError.tensors`.
  func tensor(
    _ name: String, _ shape: Shape, _ dtype: DType = .float32
  ) throws(ModelError) -> Tensor {
    guard let tensor = self[name] else { throw .tensors("there is no '\(name)'") }
    guard tensor.dtype == dtype, tensor.shape == shape else {
      throw .tensors("'\(name)' is \(tensor.dtype) \(tensor.shape), not \(dtype) \(shape)")
    }
    return tensor
  }
}
