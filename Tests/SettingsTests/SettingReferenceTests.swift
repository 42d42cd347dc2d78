import Foundation
import Settings
import TestSupport
import Testing
import YAML

/// A configuration of every kind of setting, with comments and ranges.
private struct Bell: NamedByFile {
  var name = "bell"
  var pitch = 440.0
  var strokes: Int?
  var stroke: Stroke? = .soft
  var pauses = [0.5, 2]
  var octaves = 1...3
  var isCracked = false
  var sample: RecipePath?
  var clapper = Clapper()
  var frame: Frame?
  var partials: [Partial] = []
  var weights = ["prime": 1.5]
  var next: Bell.Box?
  var mould: Mould?

  enum Stroke: String, Codable, CaseIterable { case soft, hard }

  struct Clapper: Configuration {
    var mass: Float = 2
    func validate() throws(InvalidSetting) { try require(positive: "mass", mass) }
  }

  struct Frame: Configuration { var width = 3 }

  struct Mould: GivenByPath {
    static let pathSetting = "file"
    var file: RecipePath?
    var isOpen = false
  }

  struct Partial: Configuration {
    var share: Float = 0.25
    func validate() throws(InvalidSetting) { try require("share", share, in: 0..<1) }
  }

  /// Around a recipe of the same kind.
  struct Box: Configuration {
    var bells: [Bell] = []
  }

  func validate() throws(InvalidSetting) {
    // Refuses the defaults, and yet the ranges below it are found.
    try require(name != "bell", "name", "is taken")
    try require("pitch", pitch, in: 20...20_000)
    if let strokes { try require("strokes", strokes, in: 1...Int.max) }
    try require("pauses", pauses, in: 0...60)
    try require("octaves", [octaves.lowerBound, octaves.upperBound], in: 0...9)
  }

  static let comments: SettingComments = [
    "\(String(reflecting: Bell.self))": [
      "name": "What it is called.", "pitch": "The pitch, in Hz. Not, in short, in cents.",
      "strokes": "How often it is struck.", "stroke": "How it is struck.",
      "pauses": "Rests, in seconds, after each stroke.", "clapper": "What strikes it.",
      "frame": "What it hangs in.",
    ],
    "\(String(reflecting: Stroke.self))": ["soft": "By hand.", "hard": "By a hammer."],
    "\(String(reflecting: Clapper.self))": ["mass": "How heavy it is, in kilograms."],
  ]
}

@Suite struct SettingReferenceTests {
  @Test func aPageHasTypesRangesUnitsDefaultsAndComments() {
    let page = SettingReference(of: Bell.self).page(title: "Bells", introduction: "All of one.")
    #expect(
      page == """
        # Bells

        All of one.

        ## Outermost

        - **`name`**: text; default `bell`. What it is called.
        - **`pitch`**: number, in Hz, from 20 to 20000; default `440`. The pitch, in Hz. Not, in short, in cents.
        - **`strokes`**: whole number, from 1 on; absent unless set. How often it is struck.
        - **`stroke`**: one of these names; default `soft`; may be `null`. How it is struck.
          - `soft`: By hand.
          - `hard`: By a hammer.
        - **`pauses`**: list, each element: number, in seconds, from 0 to 60; default `[0.5, 2]`. Rests, in seconds, after each
          stroke.
        - **`octaves`**: two whole numbers, the smaller one first, from 0 to 9; default `[1, 3]`.
        - **`isCracked`**: true or false; default `false`.
        - **`sample`**: path, relative to the recipe; absent unless set.
        - **`clapper`**: group of settings. See [`clapper`](#clapper).
        - **`frame`**: group of settings; absent unless set. See [`frame`](#frame).
        - **`partials`**: list, each element: group of settings; default `[]`. See [`partials[]`](#partials).
        - **`weights`**: names, each with a value: number; default `{prime: 1.5}`.
        - **`next`**: group of settings; absent unless set. See [`next`](#next).
        - **`mould`**: group of settings, or a path, its `file`; absent unless set. See [`mould`](#mould).

        ## `clapper`

        What strikes it.

        - **`mass`**: number, in kilograms, above 0; default `2`. How heavy it is, in kilograms.

        ## `frame`

        What it hangs in. Absent unless a recipe names it.

        - **`width`**: whole number; default `3`.

        ## `partials[]`

        - **`share`**: number, from 0 to below 1; default `0.25`.

        ## `next`

        Absent unless a recipe names it.

        - **`bells`**: list, each element: recipe: a file's path, or settings, which may have `extends`; default `[]`.

        ## `mould`

        Absent unless a recipe names it.

        - **`file`**: path, relative to the recipe; absent unless set.
        - **`isOpen`**: true or false; default `false`.

        """)
  }

  @Test func aSchemaHasThemToo() throws {
    struct Schema: Decodable {
      struct Field: Decodable {
        var description: String?
        var minimum: Double?
        var exclusiveMinimum: Double?
      }
      var properties: [String: Field]
      var additionalProperties: Bool
    }
    let text = SettingReference(of: Bell.self).schema(title: "Bells")
    let schema = try JSONDecoder().decode(Schema.self, from: Data(text.utf8))
    #expect(!schema.additionalProperties)
    #expect(schema.properties.keys.contains("extends"))
    #expect(schema.properties["pitch"]?.description == "The pitch, in Hz. Not, in short, in cents.")
    #expect(schema.properties["pitch"]?.minimum == 20)
    #expect(
      text.contains(
        """
            "stroke": {
              "description": "How it is struck.",
              "type": ["string", "null"],
              "enum": ["soft", "hard", null],
              "enumDescriptions": ["By hand.", "By a hammer.", "Absent."],
              "default": "soft"
            },
        """))
  }

  @Test func aPathStandsForAGroupWithIt() throws {
    func mould(_ text: String) throws -> Bell.Mould? {
      let folder = try TestFolder()
      return try RecipeFile.load(Bell.self, from: folder.write("name: low\n" + text, to: "x.yaml"))
        .mould
    }
    #expect(try mould("mould: /a/b") == mould("mould: { file: /a/b }"))
    #expect(try mould("mould: b")?.file?.path.hasSuffix("/b") == true)
    let folder = try TestFolder()
    let changed = try RecipeFile.load(
      Bell.self, from: folder.write("name: low\nmould: /a/b", to: "x.yaml"),
      settings: ["mould.isOpen=true"])
    #expect(changed.mould?.file?.path == "/a/b" && changed.mould?.isOpen == true)
    #expect(complaint { _ = try mould("mould: [a, b]") }.contains("expected a group of settings"))
    #expect(complaint { _ = try mould("mould: { fiel: b }") }.contains("did you mean 'file'?"))
  }

  @Test func schemaAndDecoderAgree() throws {
    func agree<T: Configuration>(_ type: T.Type, over base: String) throws -> Int {
      let schema = SettingReference(of: type).schema(title: "Any")
      return try expectSchema(.reading(schema), agreesWith: type, over: base)
    }
    #expect(try agree(Bell.self, over: "name: low") > 200)
    #expect(try agree(Study.self, over: "name: low") > 400)
  }

  /// What a group's own default is, not that of its type.
  @Test func defaultsAreThoseOfTheOwner() {
    let page = SettingReference(of: Study.self).page(title: "Study", introduction: "")
    #expect(page.contains("## `encoder.drop`\n\n- **`layer`**: number; default `0.25`."))
    #expect(page.contains("## `teacher.inner`\n\n- **`probability`**: number; default `0.5`."))
    #expect(page.contains("- **`tiny`**: whole number, from -128 to 127; default `5`."))
    #expect(page.contains("default `[{width: 7, rate: null}, {width: 3, rate: null}]`"))
  }

  @Test func textIsWrittenAsJSONHasIt() throws {
    struct Quoted: Configuration { var name = "a \"b\\\n\u{1} ä" }
    let text = SettingReference(of: Quoted.self).schema(title: "Quoted")
    #expect(text.contains(#""default": "a \"b\\\u000a\u0001 ä""#))
  }
}

// MARK: - Mistakes

private struct Unwritable: Configuration {
  struct Point: Codable, Equatable { var x = 0 }
  var point = Point()
}

private struct Nameless: Configuration {
  enum Way: Int, Codable, CaseIterable { case up, down }
  var way = Way.up
}

private struct Endless: Configuration {
  var inner: [Endless] = []
}

@Suite struct SettingReferenceMistakeTests {
  @Test func aTypeThatNoRecipeCanWriteIsRefused() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = SettingReference(of: Unwritable.self)
    }
    expectWords("Point is nothing that a recipe can write", in: result)
  }

  @Test func aChoiceWithoutNamesIsRefused() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = SettingReference(of: Nameless.self)
    }
    expectWords("the cases of Way have no names", in: result)
  }

  @Test func aConfigurationInItselfIsRefused() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = SettingReference(of: Endless.self)
    }
    expectWords("Endless holds itself", in: result)
  }
}
