import Settings
import Testing
import YAML

/// Puts values of every sort in the place of every setting: the schema refuses what `StrictDecoder` refuses for
/// its name or type, and takes what can be loaded.
///
/// - Parameter base: A recipe that can be loaded, over which the values are laid.
/// - Returns: How many recipes were tried.
package func expectSchema<T: Configuration>(
  _ schema: JSONSchema, agreesWith type: T.Type, over base: String
) throws -> Int {
  let base = try #require(try RecipeReader.read(base) { .line(file: "base", $0) })
  _ = try StrictDecoder.decode(type, from: base)
  var tried = 0
  for place in SettingReference(of: type).places() {
    for value in samples + place.names.map({ Setting(content: .scalar($0, isQuoted: false)) }) {
      let recipe = place.put(value).merged(over: base)
      let flaws = schema.flaws(of: recipe)
      let words = "\(place.path): \(value.inlined)"
      #expect(
        !flaws.isEmpty || decodes(type, recipe, checking: false), "taken by the schema: \(words)")
      #expect(flaws.isEmpty || !decodes(type, recipe, checking: true), "\(words): \(flaws)")
      tried += 1
    }
  }
  return tried
}

/// A recipe that is named by its file stands for one without settings.
private func decodes<T: Configuration>(
  _ type: T.Type, _ recipe: Setting, checking: Bool
) -> Bool {
  let value = try? StrictDecoder.decode(type, from: recipe, checkingValues: checking) { named, _ in
    if case .scalar(let path, _) = named.content, !path.isEmpty { return .holding() }
    return named
  }
  return value != nil
}

/// Somewhere in a recipe.
private struct Place {
  var path: String
  /// The names that are values here.
  var names: [String] = []
  /// A recipe with this value here and nothing else.
  var put: (Setting) -> Setting
}

extension SettingReference {
  fileprivate func places(
    in path: String = "", _ put: @escaping (Setting) -> Setting = { $0 }
  ) -> [Place] {
    let named = fields.flatMap { field in
      field.type.places(at: path + "." + field.name) {
        put(.holding(field.name, $0))
      }
    }
    return named + [
      Place(path: path + ".nosuch") { put(.holding("nosuch", $0)) }
    ]
  }
}

extension SettingType {
  fileprivate func places(at path: String, _ put: @escaping (Setting) -> Setting) -> [Place] {
    switch self {
    case .choice(let choices, _): [Place(path: path, names: choices.map(\.name), put: put)]
    case .list(let element):
      [Place(path: path, put: put)]
        + element.places(at: path + "[]") { put(Setting(content: .list([$0]))) }
    case .dictionary(let value):
      [Place(path: path, put: put)]
        + value.places(at: path + ".x") { put(.holding("x", $0)) }
    case .group(let reference), .pathOrGroup(_, let reference), .recipe(let reference?):
      [Place(path: path, put: put)] + reference.places(in: path, put)
    default: [Place(path: path, put: put)]
    }
  }
}

extension Setting {
  /// A group without settings.
  fileprivate static func holding() -> Setting { Setting(content: .group([])) }

  /// A group of one setting.
  fileprivate static func holding(_ name: String, _ value: Setting) -> Setting {
    Setting(content: .group([Field(name: name, value: value)]))
  }
}

/// Words, lists and groups, of which every setting takes some and refuses others.
private let samples: [Setting] = {
  let words = ["1", "1.5", "-1", "300", "4e2", "true", "loud"].map {
    Setting(content: .scalar($0, isQuoted: false))
  }
  let quoted = ["1", "true", "", "loud"].map { Setting(content: .scalar($0, isQuoted: true)) }
  let lists = [[], [words[0]], [words[0], words[3]], [words[1], quoted[3]], [.holding()]]
  return words + quoted + lists.map { Setting(content: .list($0)) }
    + [Setting(content: .null), .holding(), .holding("nosuch", words[0])]
}()
