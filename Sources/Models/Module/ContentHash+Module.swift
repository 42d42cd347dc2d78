import Files
import Foundation
import Tensor

extension ContentHash {
  /// The numbers of a model, by name.
  package mutating func update(stateOf model: some Module) {
    for (path, tensor) in model.state { update(path, tensor) }
  }

  /// A name and the numbers of its tensor, float32 or int32.
  package mutating func update(_ name: String, _ tensor: Tensor) {
    update(Data(name.utf8))
    if tensor.dtype == .int32 {
      tensor.read(as: Int32.self) { update(Data(UnsafeRawBufferPointer($0))) }
    } else {
      tensor.read { update(Data(UnsafeRawBufferPointer($0))) }
    }
  }
}
