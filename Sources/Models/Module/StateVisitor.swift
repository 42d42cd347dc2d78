import Tensor

/// What a visitor of a module's state meets.
enum StatePlace {
  case parameter(ParameterPlace)
  case buffer(path: String)

  /// The names from the module to the tensor.
  var path: String {
    switch self {
    case .parameter(let place): place.path
    case .buffer(let path): path
    }
  }
}

/// Calls a closure with every tensor and its place.
private struct StateVisitor<Failure: Error>: ParameterVisitor {
  private let body: (StatePlace, inout Tensor) throws(Failure) -> Void
  private var path: [String] = []
  private var parts: [ModulePart?] = [nil]
  private var depths: [ModuleDepth] = [.afterLayers]
  /// What `body` threw first; nothing is visited after it.
  private(set) var failure: Failure?

  init(_ body: @escaping (StatePlace, inout Tensor) throws(Failure) -> Void) { self.body = body }

  mutating func visit(_ name: String, parameter: inout Tensor, role: ParameterRole) {
    let place = ParameterPlace(
      path: full(name), role: role, part: parts[parts.count - 1], depth: depths[depths.count - 1])
    meet(.parameter(place), &parameter)
  }

  mutating func visit(_ name: String, buffer: inout Tensor) {
    meet(.buffer(path: full(name)), &buffer)
  }

  mutating func enter(
    _ name: String, _ module: some Module, part: ModulePart?, depth: ModuleDepth?
  ) {
    path.append(name)
    parts.append(part ?? parts[parts.count - 1])
    depths.append(depth ?? depths[depths.count - 1])
  }

  mutating func leave() {
    path.removeLast()
    parts.removeLast()
    depths.removeLast()
  }

  private func full(_ name: String) -> String { (path + [name]).joined(separator: ".") }

  private mutating func meet(_ place: StatePlace, _ tensor: inout Tensor) {
    guard failure == nil else { return }
    do throws(Failure) { try body(place, &tensor) } catch { failure = error }
  }
}

extension Module {
  /// Calls `body` with every parameter and buffer in place, in the order of `visit`.
  mutating func updateState<Failure: Error>(
    _ body: (_ place: StatePlace, _ tensor: inout Tensor) throws(Failure) -> Void
  ) throws(Failure) {
    let failure = withoutActuallyEscaping(body) { body in
      var visitor = StateVisitor(body)
      visit(&visitor)
      return visitor.failure
    }
    if let failure { throw failure }
  }
}
