import Files
import Foundation
import Models
import Tensor

extension CodecTraining {
  /// Writes the codec as `transformers` reads an `EncodecModel` (`config.json`, `model.safetensors`), and balancer and
  /// discriminators as `training.safetensors`.
  public func publish(to folder: URL) throws {
    try codec.save(to: folder)
    let own = state.filter { !$0.path.hasPrefix(Self.codecPrefix) }
    try SafeTensors.write(
      Dictionary(uniqueKeysWithValues: own.map { ($0.path, $0.tensor) }),
      to: Self.training(of: folder))
  }

  /// Goes on from what `publish` wrote.
  public mutating func restore(from folder: URL) throws {
    var all = try SafeTensors.finiteTensors(contentsOf: Self.training(of: folder))
    for (path, tensor) in try Codec.load(folder).state { all[Self.codecPrefix + path] = tensor }
    try load(all)
    trackGradients()
  }

  private static let codecPrefix = "codec."
  private static func training(of folder: URL) -> URL {
    folder.appendingPathComponent("training.safetensors")
  }
}
