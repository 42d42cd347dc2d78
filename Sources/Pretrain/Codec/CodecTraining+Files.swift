import Files
import Foundation
import Models
import Tensor

extension CodecTraining {
  /// Writes the codec, and what is trained beside it as `training.safetensors`.
  public func publish(to folder: URL) throws {
    try SafeTensors.write(
      Dictionary(uniqueKeysWithValues: state.map { ($0.path, $0.tensor) }),
      to: Self.training(of: folder))
  }

  /// Goes on from what `publish` wrote.
  public mutating func restore(from folder: URL) throws {
    try load(SafeTensors.finiteTensors(contentsOf: Self.training(of: folder)))
    trackGradients()
  }

  private static func training(of folder: URL) -> URL {
    folder.appendingPathComponent("training.safetensors")
  }
}
