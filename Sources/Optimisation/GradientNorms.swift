import Models
import Tensor

/// The L2 norms of a model's gradients: of all of them, which clipping asks for, and part by part,
/// which shows where a run begins to go wrong.
public struct GradientNorms: Sendable {
  private let squares: [(path: String, sum: Double)]

  /// - Parameter gradients: Those of a loss of `model`; a parameter without one counts as 0.
  public init(of gradients: Gradients, in model: some Module) {
    squares = model.parameters.compactMap { path, parameter in
      gradients[parameter].map { (path, $0.sumOfSquares()) }
    }
  }

  /// Over all parameters; not finite if any gradient is not.
  public var total: Float { norm { _ in true } }

  private func norm(where counts: (String) -> Bool) -> Float {
    Float(squares.reduce(0.0) { counts($1.path) ? $0 + $1.sum : $0 }.squareRoot())
  }
}

extension GradientNorms {
  /// The parts of a `PretrainingModel` as the log names them.
  private static let parts = [
    ("frontEnd", ["encoder.extractor.", "encoder.projection."]),
    ("positions", ["encoder.position."]),
    ("transformer", ["encoder.transformer."]),
    ("heads", ["codes.", "spectrum.", "regression."]),
  ]

  /// `gradient.frontEnd`, `gradient.positions`, `gradient.transformer`, `gradient.heads`.
  package var terms: [String: Float] {
    let norms = Self.parts.map { name, prefixes in
      ("gradient.\(name)", norm { path in prefixes.contains(where: path.hasPrefix) })
    }
    return Dictionary(uniqueKeysWithValues: norms)
  }
}
