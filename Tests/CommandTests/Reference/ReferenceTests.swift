import Evaluate
import Foundation
import Settings
import TestSupport
import Testing
import Train
import YAML

/// Kind: false words. What `etude recipe` prints is what the code is, and what the repository holds.
@Suite struct ReferenceTests {
  /// A recipe's type, and the files that are made from it; with `ETUDE_WRITE_REFERENCE` in the environment, as
  /// `scripts/reference` sets it, the tests write them first.
  struct Kind: Sendable, CustomTestStringConvertible {
    var name: String
    var type: any Configuration.Type
    var page: String
    var schema: String
    var files: (page: String, schema: String, comments: String)
    /// The folder of `recipes` that holds this kind alone.
    var folder: String { name == "probe" ? "probes" : name }
    /// What makes a recipe without settings whole.
    var base: String

    var testDescription: String { name }
  }

  static let kinds = [
    Kind(
      name: "training", type: Recipe.self, page: Recipe.reference, schema: Recipe.schema,
      files: (
        "docs/recipe-reference.md", "docs/recipe.schema.json",
        "Sources/Train/Recipe/Recipe+Comments.swift"
      ), base: "objective: { cqt: {} }"),
    Kind(
      name: "codec", type: CodecRecipe.self, page: CodecRecipe.reference,
      schema: CodecRecipe.schema,
      files: (
        "docs/codec-reference.md", "docs/codec.schema.json",
        "Sources/Train/Codec/CodecRecipe+Comments.swift"
      ), base: "seed: 1"),
    Kind(
      name: "probe", type: ProbeRecipe.self, page: ProbeRecipe.reference,
      schema: ProbeRecipe.schema,
      files: (
        "docs/probe-reference.md", "docs/probe.schema.json",
        "Sources/Evaluate/Probes/ProbeRecipe+Comments.swift"
      ), base: "folds: 5"),
  ]

  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private static let isWriting =
    ProcessInfo.processInfo.environment["ETUDE_WRITE_REFERENCE"] != nil

  /// All comments of the storeys that have configurations.
  private static let commentsInSources = Result {
    let modules = ["Tensor", "Audio", "Models", "Optimisation", "Pretrain", "Train", "Evaluate"]
    let places = modules.map { ($0, $0) } + [("MelModels", "Models/Mel")]
    return try places.reduce(into: [String: [String: String]]()) { all, place in
      let folder = root.appending(path: "Sources/" + place.1)
      all.merge(try SourceComments.of(folder, module: place.0)) { $1 }
    }
  }

  /// Those of the sources that the reference of a type needs.
  private func commentsInSources(of type: any Configuration.Type) throws -> SettingComments {
    let all = SettingComments(types: try Self.commentsInSources.get())
    let reference = SettingReference(of: type, comments: all)
    return SettingComments(
      types: reference.documented.reduce(into: [:]) { types, found in
        types[found.owner, default: [:]][found.name] = found.comment
      })
  }

  @Test(arguments: kinds) func everySettingHasAComment(kind: Kind) throws {
    for (type, comments) in try commentsInSources(of: kind.type).types {
      for (name, comment) in comments {
        #expect(
          comment.split(separator: " ").count >= 2 && comment.hasSuffix("."),
          "\(type).\(name): '\(comment)'")
      }
    }
  }

  @Test(arguments: kinds) func commentsArePrintedAsTheyStandInTheSources(kind: Kind) throws {
    let comments = try commentsInSources(of: kind.type)
    if Self.isWriting { try write(comments.swift(of: "\(kind.type)"), to: kind.files.comments) }
    #expect(kind.type.comments == comments, "run scripts/reference")
  }

  @Test(arguments: kinds) func pageAndSchemaAreThoseOfTheCode(kind: Kind) throws {
    for (text, file) in [(kind.page, kind.files.page), (kind.schema, kind.files.schema)] {
      if Self.isWriting { try write(text, to: file) }
      let committed = try String(
        contentsOf: Self.root.appending(path: file), encoding: .utf8)
      #expect(text == committed, "\(file) is of another version; run scripts/reference")
    }
  }

  @Test(.enabled(if: BuiltCommand.isThere), arguments: kinds)
  func theCommandPrintsThem(kind: Kind) throws {
    let folder = try TestFolder()
    let printed = folder.path("printed")
    for (option, text) in [("--reference", kind.page), ("--schema", kind.schema)] {
      let line = "cd / && \"$ETUDE\" recipe \(option) --kind \(kind.name) > '\(printed)'"
      #expect(try BuiltCommand.run(line).code == 0)
      #expect(try String(contentsOfFile: printed, encoding: .utf8) == text)
    }
  }

  /// The units that a comment may name; CONTRIBUTING.md has the rule.
  @Test(arguments: kinds) func unitsAreThoseOfTheField(kind: Kind) {
    let known: Set = [
      "Hz", "seconds", "samples", "frames", "steps", "crops", "labels per second",
      "codes per second", "frames per second", "minutes", "bins",
    ]
    let units = kind.page.matches(of: /(?:number|first), in ([^,;]+)[,;]/).map {
      String($0.1)
    }
    #expect(units.count >= (kind.name == "training" ? 10 : 0))
    #expect(Set(units).isSubset(of: known), "\(Set(units).subtracting(known))")
  }

  private func write(_ text: String, to file: String) throws {
    try Data(text.utf8).write(to: Self.root.appending(path: file))
  }
}

// MARK: - Recipes against the schema

extension ReferenceTests {
  @Test func theSchemasTakeEveryRecipeOfTheRepository() throws {
    let recipes = Self.root.appending(path: "recipes")
    let files = FileManager.default.enumerator(at: recipes, includingPropertiesForKeys: nil)
    let yaml = (files?.allObjects as? [URL] ?? []).filter { $0.pathExtension == "yaml" }
    #expect(yaml.count > 30)
    for file in yaml {
      let kind = try #require(
        Self.kinds.first { file.path.contains("/\($0.folder)/") } ?? Self.kinds.first)
      #expect(
        try JSONSchema.reading(kind.schema).flaws(of: RecipeReader.read(file: file.path)) == [],
        "\(file.path)")
    }
  }

  @Test(arguments: kinds) func theSchemaRefusesWhatTheDecoderRefuses(kind: Kind) throws {
    try expectAgreement(of: JSONSchema.reading(kind.schema), with: kind.type, over: kind.base)
  }

  private func expectAgreement<T: Configuration>(
    of schema: JSONSchema, with type: T.Type, over base: String
  ) throws {
    let tried = try expectSchema(schema, agreesWith: type, over: base)
    #expect(tried > 200)
  }
}

// MARK: - What the tests read with

extension ReferenceTests {
  @Test func commentsAreReadFromSwift() {
    let text = """
      /// Not these words.
      public struct Bell: Sendable {
        /// The numbers.
        public struct Config: Configuration {
          /// The pitch,
          /// in Hz.
          public var pitch = 440  // not this {
          /// How it is struck. "{" in words.
          var stroke = Stroke.soft
          public init() { self.name = "}" }
          /// Its name.
          var name = "{"
        }

        /// A stroke.
        public enum Stroke: String { /* open */
          /// By hand.
          case soft
          /// By a hammer.
          public static let hard = Stroke.soft
        }
      }

      extension Bell.Config {
        /// Twice the pitch.
        var octave: Int { 2 * pitch }
      }
      """
    #expect(
      SourceComments(of: text, module: "Bells").types == [
        "Bells.Bell.Config": [
          "pitch": "The pitch, in Hz.", "stroke": "How it is struck. \"{\" in words.",
          "name": "Its name.", "octave": "Twice the pitch.",
        ],
        "Bells.Bell.Stroke": ["soft": "By hand.", "hard": "By a hammer."],
      ])
  }
}

extension SettingComments {
  /// A Swift file that holds them.
  fileprivate func swift(of type: String) -> String {
    let entries = types.sorted { $0.key < $1.key }.map { type, comments in
      let lines = comments.sorted { $0.key < $1.key }.map { name, comment in
        "      \"\(name)\": \"\(comment.inSwift)\",\n"
      }
      return "    \"\(type)\": [\n\(lines.joined())    ],\n"
    }
    return """
      // swift-format-ignore-file
      // Written by scripts/reference from the comments in Sources; edit those.

      import Settings

      extension \(type) {
        /// What the `///` above each setting says.
        public static let comments: SettingComments = [
      \(entries.joined())  ]
      }

      """
  }
}

extension String {
  /// As it stands between quotes.
  fileprivate var inSwift: String { replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") }
}
