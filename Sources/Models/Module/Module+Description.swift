import Tensor

extension Module {
  /// The architecture as a tree, one module a line with its parameters and buffers, with equal
  /// neighbours folded. Counts are of parameters.
  public var description: String {
    var visitor = OutlineVisitor(root: .init(name: "", type: "\(Self.self)"))
    var copy = self
    copy.visit(&visitor)
    return visitor.root.lines().joined(separator: "\n")
  }
}

/// Gathers what a module consists of.
private struct OutlineVisitor: ParameterVisitor {
  private var open: [Outline]

  init(root: Outline) { open = [root] }

  var root: Outline { open[0] }

  mutating func visit(_ name: String, parameter: inout Tensor, role: ParameterRole) {
    open[open.count - 1].parameters.append((name, parameter.shape))
  }

  mutating func visit(_ name: String, buffer: inout Tensor) {
    open[open.count - 1].buffers.append((name, buffer.shape))
  }

  mutating func enter(
    _ name: String, _ module: some Module, part: ModulePart?, depth: ModuleDepth?
  ) {
    open.append(Outline(name: name, type: "\(type(of: module))"))
  }

  mutating func leave() {
    let part = open.removeLast()
    open[open.count - 1].parts.append(part)
  }
}

/// One part of a module, as it is printed.
private struct Outline {
  var name: String
  var type: String
  var parameters: [(name: String, shape: Shape)] = []
  var buffers: [(name: String, shape: Shape)] = []
  var parts: [Outline] = []

  var parameterCount: Int {
    parameters.reduce(0) { $0 + $1.shape.elementCount } + parts.reduce(0) { $0 + $1.parameterCount }
  }

  /// The part itself, then its inside, indented.
  func lines(named shown: String? = nil) -> [String] {
    let title = [shown ?? name, type].filter { !$0.isEmpty }.joined(separator: ": ")
    let tensors = parameters + buffers.map { (name: "buffer \($0.name)", shape: $0.shape) }
    let own = tensors.map { "\($0.name) \($0.shape)" }.joined(separator: ", ")
    let head = "\(title) (\(parameterCount.grouped))" + (own.isEmpty ? "" : "  \(own)")
    return [head] + foldedParts().map { "  " + $0 }
  }

  /// The lines of the parts; a run of equal ones is shown once, as `layers.0 ... layers.11`.
  private func foldedParts() -> [String] {
    var lines: [String] = []
    var rest = parts[...]
    while let first = rest.first {
      let run = rest.prefix { $0.inside == first.inside }
      let name = run.count > 1 ? "\(first.name) ... \(run.last!.name), each" : first.name
      lines += first.lines(named: name)
      rest = rest.dropFirst(run.count)
    }
    return lines
  }

  private var inside: [String] { lines(named: "") }
}

extension Int {
  /// With commas between the thousands: `94,371,712`.
  fileprivate var grouped: String {
    var digits = String(self)
    for position in stride(from: digits.count - 3, to: 0, by: -3) {
      digits.insert(",", at: digits.index(digits.startIndex, offsetBy: position))
    }
    return digits
  }
}
