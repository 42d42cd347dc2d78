import Settings

/// One `--set path.to.key=value`: the path and the value.
private struct CommandLineSetting {
  /// A step of the path.
  enum Step {
    case name(String)
    case element(Int)
  }

  let path: String
  let steps: [Step]
  let value: Setting

  init(_ text: String) throws {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    path = String(parts[0])
    let place = RecipePlace.option(path)
    guard parts.count == 2, let steps = Self.steps(of: path) else {
      throw RecipeError.syntax(
        place: place, reason: "expected path.to.key=value, as in mask.probability=0.5")
    }
    guard let value = try RecipeReader.read(String(parts[1]), place: { _ in place }) else {
      throw RecipeError.syntax(place: place, reason: "no value; '\(path)=null' clears a setting")
    }
    (self.steps, self.value) = (steps, value)
  }

  /// The steps of a path such as `teacher.kmeans[0].features`.
  private static func steps(of path: String) -> [Step]? {
    var steps: [Step] = []
    for part in path.split(separator: ".", omittingEmptySubsequences: false) {
      let pieces = part.split(separator: "[", omittingEmptySubsequences: false)
      guard let name = pieces.first, !name.isEmpty else { return nil }
      steps.append(.name(String(name)))
      for piece in pieces.dropFirst() {
        guard piece.last == "]", let index = Int(piece.dropLast()), index >= 0 else { return nil }
        steps.append(.element(index))
      }
    }
    return steps
  }

  /// `base` with the value at the path.
  func applied(to base: Setting) throws -> Setting { try put(0, in: base) }

  private func put(_ depth: Int, in base: Setting?) throws -> Setting {
    guard depth < steps.count else { return base.map { value.merged(over: $0) } ?? value }
    switch steps[depth] {
    case .name(let name):
      let field = Setting.Field(name: name, value: try put(depth + 1, in: base?.opened[name]))
      // The group around it keeps its place.
      let around = base?.fields == nil ? nil : base?.place
      let group = Setting(content: .group([field]), place: around ?? .option(path))
      return base.map { group.merged(over: $0.opened) } ?? group
    case .element(let index):
      guard case .list(var elements) = base?.content, elements.indices.contains(index) else {
        throw missing(index, of: base, depth)
      }
      elements[index] = try put(depth + 1, in: elements[index])
      return Setting(content: .list(elements), place: base?.place ?? .option(path))
    }
  }

  private func missing(_ index: Int, of base: Setting?, _ depth: Int) -> RecipeError {
    let keys: [any CodingKey] = steps[..<depth].map {
      switch $0 {
      case .name(let name): SettingKey(name)
      case .element(let index): SettingKey(index)
      }
    }
    let found =
      if case .list(let elements) = base?.content {
        "\(elements.count) element\(elements.count == 1 ? "" : "s")"
      } else {
        "no list in the recipe's file"
      }
    return .setting(
      place: .option(path), path: path,
      reason: "\(settingPath(keys)) has \(found), there is no [\(index)]")
  }
}

extension Setting {
  /// This setting with those of the command line applied in order.
  func overlaid(with settings: [String]) throws -> Setting {
    try settings.reduce(self) { try CommandLineSetting($1).applied(to: $0) }
  }

  /// A recipe given by its file, as a group that extends the file, so that its settings can be
  /// changed.
  fileprivate var opened: Setting {
    guard case .scalar = content else { return self }
    return Setting(content: .group([Field(name: "extends", value: self)]), place: place)
  }
}
