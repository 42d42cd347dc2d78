import Models
import Tensor

/// The L2 norms of a model's gradients: of all of them, which clipping asks for, and part by part,
/// which shows where a run begins to go wrong.
public struct GradientNorms: Sendable {
  private let squares: [(part: ModulePart?, sum: Double)]

  /// - Parameters:
  ///   - gradients: Those of a loss of `model`; a parameter without one counts as 0.
  ///   - model: The model.
  public init(of gradients: Gradients, in model: some Module) {
    var sums: [Double] = []
    model.forEachParameter { sums.append(gradients[$1]?.sumOfSquares() ?? 0) }
    self.init(of: model, sumsOfSquares: sums)
  }

  /// Norms of which the sums of squares are known.
  ///
  /// - Parameters:
  ///   - model: The model.
  ///   - sums: One for each parameter, in the order of `visit`.
  /// - Traps when: there is not one for each.
  public init(of model: some Module, sumsOfSquares sums: [Double]) {
    var parts: [ModulePart?] = []
    model.forEachParameter { place, _ in parts.append(place.part) }
    precondition(
      parts.count == sums.count, "GradientNorms: \(sums.count) sums of \(parts.count) parameters")
    squares = zip(parts, sums).map { ($0, $1) }
  }

  /// Over all parameters; not finite if any gradient is not.
  public var total: Float { norm { _ in true } }

  /// Over each part that the model declares.
  public var parts: [ModulePart: Float] {
    let declared = Set(squares.compactMap(\.part))
    return Dictionary(uniqueKeysWithValues: declared.map { part in (part, norm { $0 == part }) })
  }

  private func norm(where counts: (ModulePart?) -> Bool) -> Float {
    Float(squares.reduce(0.0) { counts($1.part) ? $0 + $1.sum : $0 }.squareRoot())
  }

  /// The norm of each part as a log names it: `gradient.frontEnd`, `gradient.transformer`, ...
  public var terms: [String: Float] {
    Dictionary(uniqueKeysWithValues: parts.map { ("gradient.\($0.name)", $1) })
  }
}
