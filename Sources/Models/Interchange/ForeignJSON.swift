import Files
import Foundation
import Settings

/// A JSON file of a folder of `transformers`, whose keys are in snake case.
package enum ForeignJSON {
  /// - Throws: `ModelError.file` if it cannot be read, has a key twice, or lacks a value.
  package static func decode<Value: Decodable>(_ url: URL) throws -> Value {
    guard let data = try? Presence.content(of: url) else {
      throw ModelError.file(url.path, problem: "cannot be read; is this a model's folder?")
    }
    if let key = JSONKeys.firstDuplicate(in: data, spelledAlike: HuggingFaceConfig.spelling) {
      throw ModelError.file(url.path, problem: "has '\(key)' twice; only one can be meant")
    }
    do {
      return try HuggingFaceConfig.decoder().decode(Value.self, from: data)
    } catch let error as DecodingError {
      throw ModelError.file(url.path, problem: error.problem)
    }
  }

  /// Reads a configuration of this library; settings that are missing there have their defaults.
  ///
  /// - Parameters:
  ///   - url: The file.
  ///   - key: The key of the configuration.
  /// - Throws: `ModelError.file` if it cannot be read or holds an unknown setting.
  package static func configuration<Value: Configuration>(
    _ url: URL, under key: String
  ) throws -> Value {
    let document: JSONSetting = try decode(url)
    guard let written = document.setting[key] else {
      throw ModelError.file(url.path, problem: "'\(key)' is missing")
    }
    do {
      return try StrictDecoder.decode(Value.self, from: written, checkingValues: false)
    } catch RecipeError.setting(_, let path, let reason) {
      throw ModelError.file(url.path, problem: "\(key).\(path): \(reason)")
    }
  }

  /// The family of the model that a `config.json` belongs to; nil if it names none.
  /// - Throws: `ModelError.file`.
  package static func modelType(of url: URL) throws -> String? {
    let family: Family = try decode(url)
    return family.modelType
  }

  /// Writes keys in snake case, in order.
  package static func encoder() -> JSONEncoder { HuggingFaceConfig.encoder() }

  private struct Family: Decodable {
    var modelType: String?
  }
}

extension DecodingError {
  /// Which key of the file could not be read.
  fileprivate var problem: String {
    let (keys, last): ([any CodingKey], (any CodingKey)?) =
      switch self {
      case .keyNotFound(let key, let context): (context.codingPath, key)
      case .valueNotFound(_, let context), .typeMismatch(_, let context),
        .dataCorrupted(let context):
        (context.codingPath, nil)
      @unknown default: ([], nil)
      }
    let names = (keys + [last].compactMap { $0 }).map(\.stringValue.inSnakeCase)
    return names.isEmpty
      ? "is not a JSON object; get a fresh copy"
      : "'\(names.joined(separator: "."))' is missing or not of its type"
  }
}

extension String {
  fileprivate var inSnakeCase: String {
    reduce(into: "") { $0 += $1.isUppercase ? "_\($1.lowercased())" : String($1) }
  }
}
