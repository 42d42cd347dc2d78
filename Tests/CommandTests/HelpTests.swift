import Foundation
import Models
import Settings
import Testing
import Train
import YAML

/// Kind: false words. What `--help` shows runs as it stands there, in its order, from the repository's folder.
@Suite struct HelpTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// A command as `--experimental-dump-help` tells of it.
  private struct Command: Decodable {
    var commandName: String
    var discussion: String?
    var abstract: String?
    var arguments: [Argument]?
    var subcommands: [Command]?

    struct Argument: Decodable {
      var abstract: String?
      var names: [Name]?
      struct Name: Decodable { var name: String }

      func isCalled(_ name: String) -> Bool { names?.contains { $0.name == name } == true }
    }

    /// The lines that are to be typed.
    var examples: [String] {
      (discussion ?? "").replacing(/\\\n\s*/, with: "").split(separator: "\n").compactMap { line in
        line.firstMatch(of: /^(?:Example: |\s+)(etude .*)$/).map { String($0.1) }
      }
    }

    /// Lines that a terminal of 80 columns would break, so that they could not be copied.
    var longLines: [String] {
      (discussion ?? "").split(separator: "\n").map(String.init).filter {
        $0.count > 80 && $0.contains(/^(?:Example: |\s+)etude\b/)
      }
    }

    var all: [Command] { [self] + (subcommands ?? []).flatMap(\.all) }
  }

  private struct Dump: Decodable { var command: Command }

  /// A folder in which the examples run.
  private final class Place {
    let url = FileManager.default.temporaryDirectory.appending(path: "help-\(UUID())")

    init() throws {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(
        at: url.appending(path: "recipes"),
        withDestinationURL: HelpTests.root.appending(path: "recipes"))
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func run(_ line: String) throws -> (code: Int32, errors: String) {
      let line = line.replacing(/^etude/, with: "\"$ETUDE\"")
      return try BuiltCommand.run("cd '\(url.path)' && { \(line); }")
    }

    /// The one step that is made here stands for all that an example makes.
    func nameLastCheckpoint() throws {
      let checkpoints = url.appending(path: "runs/mert/checkpoints")
      let (made, named) = (
        checkpoints.appending(path: "step-1"), checkpoints.appending(path: "step-1400")
      )
      let files = FileManager.default
      guard files.fileExists(atPath: made.path), !files.fileExists(atPath: named.path) else {
        return
      }
      try files.moveItem(at: made, to: named)
    }

    func commands() throws -> [Command] {
      #expect(try run("etude --experimental-dump-help > help.json").code == 0)
      let json = try Data(contentsOf: url.appending(path: "help.json"))
      return try JSONDecoder().decode(Dump.self, from: json).command.all
    }
  }

  /// Every example is understood: with no threads to run on, that is all there is to complain of.
  @Test(.enabled(if: BuiltCommand.isThere)) func everyExampleIsUnderstood() throws {
    let place = try Place()
    var seen = 0
    for command in try place.commands() {
      #expect(command.longLines.isEmpty)
      for example in command.examples {
        seen += 1
        for path in example.split(separator: " ") where path.hasPrefix("recipes/") {
          #expect(try place.run("ls \(path)").code == 0, "\(example)")
        }
        guard command.arguments?.contains(where: { $0.isCalled("threads") }) == true else {
          continue
        }
        let (code, errors) = try place.run(example + " --threads 0")
        #expect(
          code == 64 && errors.hasPrefix("Error: --threads: 0 is not between"),
          "\(example): \(errors)")
      }
    }
    #expect(seen > 20)
  }

  /// A line of `--help` is a recipe, not a part of one.
  @Test func theFirstExampleComparesRecipes() throws {
    let nano = Self.root.appending(path: "recipes/nano")
    let names = try FileManager.default.contentsOfDirectory(atPath: nano.path)
    let recipes = names.filter { $0.hasSuffix("-nano.yaml") }
    #expect(recipes.count == 4)
    for name in recipes {
      _ = try RecipeFile.load(Recipe.self, from: nano.appending(path: name).path)
    }
  }

  /// The examples one after the other, each on what those before it wrote: with less music and fewer
  /// steps. Benchmarks, probes and comparisons are left out for their time, and so is what needs a trained codec.
  @Test(.enabled(if: BuiltCommand.isThere)) func theExamplesRun() throws {
    let place = try Place()
    for command in try place.commands() {
      for example in command.examples where !isLong(example) {
        let (code, errors) = try place.run(shortened(example))
        #expect(code == 0, "\(example): \(errors)")
        try place.nameLastCheckpoint()
      }
    }
  }

  private func isLong(_ example: String) -> Bool {
    example.contains(/^etude (benchmark|probe|compare|marble --|codes (evaluate|decode|--model))/)
  }

  private func shortened(_ example: String) -> String {
    let short = example.replacing("--minutes 40", with: "--minutes 0.4")
    return example.hasPrefix("etude pretrain")
      ? short + " --max-steps 1 --set training.batchSize=2" : short
  }

  /// The model that examples go on with is the last checkpoint of the run that another one trains.
  @Test func theRunOfTheExamplesEndsWhereTheySay() throws {
    let recipe = Self.root.appending(path: "recipes/nano/mert-nano.yaml").path
    #expect(try RecipeFile.load(Recipe.self, from: recipe).training.steps == 1_400)
  }

  /// An option is told of in words, each a sentence or a phrase of more than a word or two.
  @Test(.enabled(if: BuiltCommand.isThere)) func everyOptionIsExplained() throws {
    for command in try Place().commands() where command.commandName != "help" {
      #expect(command.abstract?.isEmpty == false, "\(command.commandName)")
      for argument in command.arguments ?? [] {
        let words = argument.abstract ?? ""
        #expect(
          words.split(separator: " ").count >= 2 && !words.hasPrefix("Of "),
          "\(command.commandName) \(argument.names?.first?.name ?? "argument"): '\(words)'")
      }
    }
  }

  @Test(.enabled(if: BuiltCommand.isThere)) func theVersionIsPrinted() throws {
    let place = try Place()
    #expect(try place.run("etude --version > version").code == 0)
    let text = try String(contentsOf: place.url.appending(path: "version"), encoding: .utf8)
    #expect(text.contains(/^etude \d+\.\d+\.\d+\n$/))
  }
}
