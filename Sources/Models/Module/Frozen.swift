import Tensor

/// A module whose parameters are buffers of the one around it: saved and copied with it, but not trained.
public struct Frozen<Content: Module>: Module {
  /// The module.
  public private(set) var module: Content

  /// - Parameter module: A module without gradients.
  public init(_ module: Content) { self.module = module }

  /// Shows all of the module's tensors as buffers.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    Self.visit(&module, as: &visitor)
  }

  private static func visit<Visitor: ParameterVisitor>(
    _ module: inout Content, as visitor: inout Visitor
  ) {
    var buffers = BufferVisitor(visitor: visitor)
    module.visit(&buffers)
    visitor = buffers.visitor
  }
}

/// Shows another visitor each parameter as a buffer.
private struct BufferVisitor<Visitor: ParameterVisitor>: ParameterVisitor {
  var visitor: Visitor

  mutating func visit(_ name: String, parameter: inout Tensor, role: ParameterRole) {
    visitor.visit(name, buffer: &parameter)
  }

  mutating func visit(_ name: String, buffer: inout Tensor) {
    visitor.visit(name, buffer: &buffer)
  }

  mutating func enter(
    _ name: String, _ module: some Module, part: ModulePart?, depth: ModuleDepth?
  ) {
    visitor.enter(name, module, part: part, depth: depth)
  }

  mutating func leave() { visitor.leave() }
}
