import Foundation
import Models
import Optimisation
import Pretrain
import Settings
import Tensor
import Train
import YAML

extension FuzzTarget {
  /// Recipes with odd values under the names of real settings: over real recipes and over each other, with
  /// recipes in them, anchors and `--set`. What is read is planned.
  static let recipe = FuzzTarget("recipe", file: "input.yaml") { folder in
    let writer = try RecipeGenerator(copyingInto: folder)
    return { path, stream in try writer.write(to: path, using: &stream) }
  } read: { path in
    do {
      try plan(path, settings: settings(beside: path))
    } catch let error where "\(error)".hasPrefix("--set ") || error is RunError {
      // These name an option, and the recipe by its name.
      throw InFile(path: path, error: error)
    }
  }

  private struct InFile: Error, CustomStringConvertible {
    let path: String
    let error: any Error
    var description: String { "\(path): \(error)" }
  }

  private static func settings(beside path: String) -> [String] {
    let text =
      (try? String(contentsOfFile: RecipeGenerator.settings(of: path), encoding: .utf8)) ?? ""
    return text.split(separator: "\n").map(String.init)
  }

  /// What every verb asks of a recipe before it works.
  private static func plan(_ path: String, settings: [String]) throws {
    let recipe = try RecipeFile.load(Recipe.self, from: path, settings: settings)
    let plan = try recipe.plan()
    let bytes = plan.costs.peakBytes
    precondition(bytes > 0 && bytes.isFinite, "a step of no memory: \(plan)")
    precondition(plan.seconds(peak: 100) >= 0 && plan.seconds(peak: 100).isFinite, "\(plan)")
    let schedule = Schedule(recipe.schedule, steps: recipe.training.steps)
    for step in [0, recipe.schedule.warmupSteps, recipe.training.steps - 1] {
      precondition(schedule.rate(at: step).isFinite, "no rate at step \(step)")
    }
    try recipe.seeded(7).check()
    let copy = path + ".copy"
    try Data(RecipeFile.yaml(of: recipe).utf8).write(to: URL(fileURLWithPath: copy))
    let again = try RecipeFile.load(Recipe.self, from: copy)
    precondition(again == recipe, "\(path) does not read back equal")
  }
}

/// Writes recipes of valid structure.
private struct RecipeGenerator {
  /// Paths of settings, each with a value that some recipe has.
  private let schema: [(path: String, value: String)]
  /// Real recipes, by their files.
  private let real: [String]

  /// - Parameter folder: Gets copies of the repository's recipes, so that they can be extended.
  init(copyingInto folder: URL) throws {
    let recipes = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("recipes")
    let copy = folder.appendingPathComponent("recipes")
    try FileManager.default.copyItem(at: recipes, to: copy)
    real = (FileManager.default.enumerator(atPath: copy.path)?.allObjects as? [String] ?? [])
      .filter { $0.hasSuffix(".yaml") }.sorted().map { copy.appendingPathComponent($0).path }
    let whole = real.compactMap { try? RecipeFile.load(Recipe.self, from: $0) }
    schema = try whole.flatMap { try RecipeFile.flattened($0) }
    precondition(whole.count > 20, "only \(whole.count) recipes could be read")
  }

  static func settings(of path: String) -> String { path + ".set" }

  func write(to path: String, using stream: inout RandomStream) throws {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
    let parents = (0..<Int.random(in: 0...3, using: &stream)).map { "parent-\($0).yaml" }
    for (number, parent) in parents.enumerated() {
      // A parent may extend itself or one that extends it in turn.
      let own = Bool.random(using: &stream) ? parents : Array(parents[..<number])
      try recipe(over: own, using: &stream)
        .write(to: folder.appendingPathComponent(parent))
    }
    try recipe(over: parents, using: &stream).write(to: URL(fileURLWithPath: path))
    let settings = (0..<[0, 0, 1, 3].randomElement(using: &stream)!).map { _ in
      let setting = setting(using: &stream)
      return "\(setting.path)=\(setting.value)"
    }
    try Data(settings.joined(separator: "\n").utf8)
      .write(to: URL(fileURLWithPath: Self.settings(of: path)))
  }

  private func recipe(over parents: [String], using stream: inout RandomStream) -> Data {
    var tree = Tree.group([])
    for _ in 0..<[0, 1, 1, 2, 3, 5, 20].randomElement(using: &stream)! {
      let setting = setting(using: &stream)
      tree.set(setting.path.pathSteps[...], to: .word(setting.value))
    }
    if let parent = parent(among: parents, using: &stream) {
      tree.set(["extends"], to: .word(parent))
    }
    var text = Bool.random(using: &stream) ? tree.block : tree.flow + "\n"
    switch Int.random(in: 0..<16, using: &stream) {
    case 0: text = "\u{FEFF}" + text
    case 1: text = text.replacingOccurrences(of: "\n", with: "\r\n")
    case 2: text = "a: &a [1, 2]\nb: *a\n" + text
    case 3:
      return Data(Mutation(pool: [Array(text.utf8)]).mutant(using: &stream))
    default: break
    }
    return Data(text.utf8)
  }

  private func parent(among parents: [String], using stream: inout RandomStream) -> String? {
    switch Int.random(in: 0..<12, using: &stream) {
    case 0: nil
    case 1: parents.randomElement(using: &stream)
    case 2:
      "[" + (parents + [real.randomElement(using: &stream)!]).joined(separator: ", ") + "]"
    case 3: Self.odd.randomElement(using: &stream)!
    default: real.randomElement(using: &stream)!
    }
  }

  private func setting(using stream: inout RandomStream) -> (path: String, value: String) {
    var (path, value) = schema.randomElement(using: &stream)!
    switch Int.random(in: 0..<24, using: &stream) {
    case 0: value = Self.odd.randomElement(using: &stream)!
    case 1, 2: value = Self.numbers.randomElement(using: &stream)!
    case 3: value = schema.randomElement(using: &stream)!.value
    case 4:
      path = "teacher.kmeans[0].layer"
      let stage = ["input.yaml", "parent-0.yaml", real.randomElement(using: &stream)!]
      value = "{ recipe: \(stage.randomElement(using: &stream)!), index: 2 }"
    default: break
    }
    return (path, value)
  }

  private static let numbers = [
    "0", "1", "2", "3", "7", "-1", "0.5", "1e-30", "1e30", "100", "4096", "65536", "65537",
    "1000000", "2147483648", "4611686018427387904", "9223372036854775807", "-9223372036854775808",
    "9223372036854775808", "1e18", "1e400", ".nan", ".inf", "-.inf", "0x10", "1_000", "0.9999999",
  ]
  private static let odd =
    numbers + [
      "null", "~", "''", "\"a\\0b\"", "\"\\n\"", "../../outside", "/", ".", "..", "labels",
      "'a/b'", "true", "[]", "[1]", "[8000, 2]", "[1, 2, 3]", "[[1]]", "{}", "{ a: 1 }", "*a",
      "&b 3", "!!str 4", "!!int x", "\"\\u2028\"", "😀",
      "'" + String(repeating: "x", count: 300) + "'",
      "input.yaml", "nowhere.yaml", "mfcc39", "fp32", "bf16", "triStage", "deep", "layer",
    ]
}

/// A recipe on its way to text.
private indirect enum Tree {
  case word(String)
  case group([(name: String, value: Tree)])
  case list([Tree])

  mutating func set(_ path: ArraySlice<String>, to value: Tree) {
    guard let step = path.first else { return self = value }
    let rest = path.dropFirst()
    if let index = Int(step) {
      var elements: [Tree] = []
      if case .list(let present) = self { elements = present }
      while elements.count <= index { elements.append(.group([])) }
      elements[index].set(rest, to: value)
      self = .list(elements)
    } else {
      var fields: [(name: String, value: Tree)] = []
      if case .group(let present) = self { fields = present }
      if !fields.contains(where: { $0.name == step }) { fields.append((step, .group([]))) }
      let place = fields.firstIndex { $0.name == step }!
      fields[place].value.set(rest, to: value)
      self = .group(fields)
    }
  }

  var flow: String {
    switch self {
    case .word(let word): word
    case .group(let fields):
      "{" + fields.map { "\($0.name): \($0.value.flow)" }.joined(separator: ", ") + "}"
    case .list(let elements): "[" + elements.map(\.flow).joined(separator: ", ") + "]"
    }
  }

  /// Groups below each other, lists in one line.
  var block: String { lines(indent: "").joined() }

  private func lines(indent: String) -> [String] {
    guard case .group(let fields) = self, !fields.isEmpty else { return ["\(indent)\(flow)\n"] }
    return fields.flatMap { field in
      if case .group(let inner) = field.value, !inner.isEmpty {
        ["\(indent)\(field.name):\n"] + field.value.lines(indent: indent + "  ")
      } else {
        ["\(indent)\(field.name): \(field.value.flow)\n"]
      }
    }
  }
}

extension String {
  /// `teacher.kmeans[0].index` as `teacher`, `kmeans`, `0`, `index`.
  fileprivate var pathSteps: [String] {
    split(whereSeparator: { ".[]".contains($0) }).map(String.init)
  }
}
