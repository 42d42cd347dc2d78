import Foundation

/// A file or folder that a recipe names: relative to the recipe's file, or on the command line to the
/// working folder. Once it is read it is absolute, so that a run's own recipe means the same place.
public struct RecipePath: Codable, Sendable, Equatable {
  /// The path.
  public var path: String

  /// A path as it stands.
  public init(_ path: String) { self.path = path }

  /// One word.
  public init(from decoder: any Decoder) throws {
    path = try decoder.singleValueContainer().decode(String.self)
  }

  /// One word.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(path)
  }

  /// The path as a file or folder.
  public var url: URL { URL(fileURLWithPath: path) }

  /// This path, as what stands at `place` means it.
  func resolved(at place: RecipePlace) -> RecipePath {
    guard case .line(let file, _) = place else {
      return RecipePath(url.standardizedFileURL.path)
    }
    let folder = URL(fileURLWithPath: file).deletingLastPathComponent()
    return RecipePath(URL(fileURLWithPath: path, relativeTo: folder).standardizedFileURL.path)
  }
}

extension RecipePath: SettingScalar {
  package static var expectation: String { "a path" }
  package static var settingType: SettingType { .path }
  package var word: String { path }

  package init?(word: String, isQuoted: Bool) {
    guard !word.isEmpty, !word.unicodeScalars.contains(where: { $0.value < 32 }) else { return nil }
    path = word
  }
}
