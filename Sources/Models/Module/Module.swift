import Tensor

/// A part of a model that owns parameters: a struct, so that a copy is a second model.
///
/// ```swift
/// public struct Projection: Module {
///   var norm: LayerNorm
///   var scale: Tensor
///   public mutating func visit(_ visitor: inout some ParameterVisitor) {
///     visitor.child("norm", &norm)
///     visitor.parameter("scale", &scale)
///   }
/// }
/// ```
///
/// `visit` is the one place that names parameters: counting, loading, saving, moving averages,
/// optimisers and freezing are all visitors. The names equal the Swift properties.
public protocol Module: Sendable, CustomStringConvertible {
  /// Shows every parameter and every part to `visitor`, in a fixed order, in place.
  mutating func visit(_ visitor: inout some ParameterVisitor)
}

/// Sees the parameters of a module one by one, each under its path: `layers.0.attention.query.bias`.
public protocol ParameterVisitor {
  /// Meets one parameter. May change it.
  mutating func visit(_ name: String, _ tensor: inout Tensor)
  /// Begins a part.
  mutating func enter(_ name: String, _ module: some Module)
  /// Ends the part begun last.
  mutating func leave()
}

extension ParameterVisitor {
  /// Shows a parameter.
  public mutating func parameter(_ name: String, _ tensor: inout Tensor) { visit(name, &tensor) }

  /// Shows a parameter that a configuration may leave out.
  public mutating func parameter(_ name: String, _ tensor: inout Tensor?) {
    if tensor != nil { visit(name, &tensor!) }
  }

  /// Shows a part.
  public mutating func child(_ name: String, _ module: inout some Module) {
    enter(name, module)
    module.visit(&self)
    leave()
  }

  /// Shows a part that a configuration may leave out.
  public mutating func child<Part: Module>(_ name: String, _ module: inout Part?) {
    if module != nil { child(name, &module!) }
  }

  /// Shows parts of one kind as `name.0`, `name.1`, ...
  public mutating func children<Part: Module>(_ name: String, _ modules: inout [Part]) {
    for i in modules.indices { child("\(name).\(i)", &modules[i]) }
  }
}

/// Keeps the path for visitors that want parameters under their full names.
struct PathVisitor<Failure: Error>: ParameterVisitor {
  private let body: (String, inout Tensor) throws(Failure) -> Void
  private var path: [String] = []
  /// What `body` threw first; nothing is visited after it.
  private(set) var failure: Failure?

  init(_ body: @escaping (String, inout Tensor) throws(Failure) -> Void) { self.body = body }

  mutating func visit(_ name: String, _ tensor: inout Tensor) {
    guard failure == nil else { return }
    do throws(Failure) {
      try body((path + [name]).joined(separator: "."), &tensor)
    } catch {
      failure = error
    }
  }

  mutating func enter(_ name: String, _ module: some Module) { path.append(name) }
  mutating func leave() { path.removeLast() }
}
