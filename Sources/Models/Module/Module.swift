import Tensor

/// A part of a model that owns parameters: a struct, so that a copy is a second model.
///
/// ```swift
/// public struct Projection: Module {
///   var norm: LayerNorm
///   var shift: Tensor
///   var mean: Tensor
///   public mutating func visit(_ visitor: inout some ParameterVisitor) {
///     visitor.child("norm", &norm)
///     visitor.parameter("shift", &shift, as: .bias)
///     visitor.buffer("mean", &mean)
///   }
/// }
/// ```
///
/// `visit` is the one place that names tensors: counting, loading, saving, moving averages,
/// optimisers and freezing are all visitors. The names equal the Swift properties.
///
/// A **parameter** is what a gradient changes. A **buffer** is state that the module needs as much but
/// that no gradient changes: running statistics of a norm, the codebook of a quantiser.
///
/// | | parameters | buffers |
/// |---|---|---|
/// | `parameters`, `parameterCount`, `update(_:)`, optimisers and their decay | yes | no |
/// | `trackGradients()`, `freeze()` | yes | no |
/// | `update(with:_:)`, a moving average | by its closure | taken from the other module |
/// | `state`, `load(_:)`, `detached()`, `description` | yes | yes |
///
/// A forward pass changes neither. A module that has buffers offers a mutating function that computes
/// new ones, for the training loop to call once in an update.
public protocol Module: Sendable, CustomStringConvertible {
  /// Shows every parameter, every buffer and every part to `visitor`, in a fixed order, in place.
  mutating func visit(_ visitor: inout some ParameterVisitor)
}

/// Sees the tensors of a module one by one, each under its path: `layers.0.attention.query.bias`.
public protocol ParameterVisitor {
  /// Meets one parameter. May change it.
  mutating func visit(_ name: String, parameter: inout Tensor, role: ParameterRole)
  /// Meets one buffer. May change it.
  mutating func visit(_ name: String, buffer: inout Tensor)
  /// Begins a child.
  ///
  /// - Parameters:
  ///   - name: Its name.
  ///   - module: The part itself.
  ///   - part: The part of a model that it is; that of the module around it if nil.
  ///   - depth: How deep in a stack of layers it is; as deep as the module around it if nil.
  mutating func enter(_ name: String, _ module: some Module, part: ModulePart?, depth: ModuleDepth?)
  /// Ends the child begun last.
  mutating func leave()
}

extension ParameterVisitor {
  /// Shows a parameter.
  ///
  /// - Parameters:
  ///   - name: Its name.
  ///   - tensor: The tensor.
  ///   - role: What it is for.
  public mutating func parameter(
    _ name: String, _ tensor: inout Tensor, as role: ParameterRole = .weight
  ) {
    visit(name, parameter: &tensor, role: role)
  }

  /// Shows a parameter that a configuration may leave out.
  public mutating func parameter(
    _ name: String, _ tensor: inout Tensor?, as role: ParameterRole = .weight
  ) {
    if tensor != nil { visit(name, parameter: &tensor!, role: role) }
  }

  /// Shows a tensor that is saved and copied but not trained.
  public mutating func buffer(_ name: String, _ tensor: inout Tensor) {
    visit(name, buffer: &tensor)
  }

  /// Shows a buffer that a configuration may leave out.
  public mutating func buffer(_ name: String, _ tensor: inout Tensor?) {
    if tensor != nil { visit(name, buffer: &tensor!) }
  }

  /// Shows a child.
  ///
  /// - Parameters:
  ///   - name: Its name.
  ///   - module: The part itself.
  ///   - part: The part of a model that it is; that of the module around it unless given.
  ///   - depth: How deep in a stack of layers it is; as deep as the module around it unless given.
  public mutating func child(
    _ name: String, _ module: inout some Module, part: ModulePart? = nil, depth: ModuleDepth? = nil
  ) {
    enter(name, module, part: part, depth: depth)
    module.visit(&self)
    leave()
  }

  /// Shows a child that a configuration may leave out.
  public mutating func child<Child: Module>(
    _ name: String, _ module: inout Child?, part: ModulePart? = nil, depth: ModuleDepth? = nil
  ) {
    if module != nil { child(name, &module!, part: part, depth: depth) }
  }

  /// Shows children of one kind as `name.0`, `name.1`, ...
  public mutating func children<Child: Module>(
    _ name: String, _ modules: inout [Child], part: ModulePart? = nil
  ) {
    for i in modules.indices { child("\(name).\(i)", &modules[i], part: part) }
  }
}
