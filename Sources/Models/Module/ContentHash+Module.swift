import Files
import Foundation
import Tensor

extension ContentHash {
  /// The numbers of a model, by name.
  package mutating func update(stateOf model: some Module) {
    for (path, tensor) in model.state { update(path, tensor) }
  }

  /// A name and the numbers of its tensor.
  package mutating func update(_ name: String, _ tensor: Tensor) {
    update(Data(name.utf8))
    tensor.read { update(Data(UnsafeRawBufferPointer($0))) }
  }
}
