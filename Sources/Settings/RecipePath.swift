import Foundation

/// The path of a file or folder in a recipe. It is relative to the recipe's file, or on the command
/// line to the working directory. Decoding makes it absolute, so that a copy of the recipe means
/// the same path.
public struct RecipePath: Codable, Sendable, Equatable {
  /// The path.
  public var path: String

  /// A path, unchanged.
  public init(_ path: String) { self.path = path }

  /// Decodes the path from a string.
  public init(from decoder: any Decoder) throws {
    path = try decoder.singleValueContainer().decode(String.self)
  }

  /// Encodes the path as a string.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(path)
  }

  /// The path as a file URL.
  public var url: URL { URL(fileURLWithPath: path) }

  /// The absolute path, if this path is written at `place`.
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
