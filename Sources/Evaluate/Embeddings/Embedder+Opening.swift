import MelModels
import Models
import Tensor

extension Embedder {
  /// What a name on the command line stands for: hand-made features, a run's last checkpoint, or a model.
  ///
  /// - Parameters:
  ///   - name: A name of `handMadeNames`, or a path. It becomes the name in tables.
  ///   - precision: What the passes of a model compute in.
  /// - Throws: `MarbleError.recipe` if the path is that of a recipe; what `Contender` throws.
  public init(at name: String, precision: Precision) throws {
    if let handMade = Embedder(handMade: name) {
      self = handMade
      return
    }
    let encoder: any Encoder
    switch try Contender(at: name) {
    case .model(_, let model): encoder = model
    case .run(let run):
      encoder = try run.training.encoder()
    case .recipe, .runs: throw MarbleError.recipe(name)
    }
    self.init(encoder, name: name, precision: precision)
  }
}
