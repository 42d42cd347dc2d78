import Foundation
import Settings
import TestSupport
import Testing
import YAML

@Suite struct RecipeErrorTests {
  @Test(arguments: [
    (
      "name: a\nencoder:\n  haeds: 4",
      "x.yaml:3: encoder.haeds: no such setting; did you mean 'heads'?"
    ),
    ("maks: 1", "x.yaml:1: maks: no such setting; did you mean 'mask'?"),
    (
      "mask: { zzz: 1 }",
      "x.yaml:1: mask.zzz: no such setting; there are: probability, spanFrames"
    ),
    (
      "stages:\n  - width: 1\n  - widht: 2",
      "x.yaml:3: stages[1].widht: no such setting; did you mean 'width'?"
    ),
    (
      "encoder:\n  layers: four",
      "x.yaml:2: encoder.layers: expected a whole number, found 'four'"
    ),
    (
      "encoder: { layers: '4' }",
      "x.yaml:1: encoder.layers: expected a whole number, found the text '4'"
    ),
    ("encoder: { layers: 4.5 }", "x.yaml:1: encoder.layers: expected a whole number, found '4.5'"),
    (
      "encoder: { layers: 99999999999999999999 }",
      "x.yaml:1: encoder.layers: expected a whole number, found '99999999999999999999'"
    ),
    ("encoder: { layers: }", "x.yaml:1: encoder.layers: expected a whole number, found nothing"),
    ("encoder: { layers: [4] }", "x.yaml:1: encoder.layers: expected a whole number, found a list"),
    ("tiny: 128", "x.yaml:1: tiny: expected a whole number from -128 to 127, found '128'"),
    ("learningRate: 1e60", "x.yaml:1: learningRate: expected a number, found '1e60'"),
    ("learningRate: .nan", "x.yaml:1: learningRate: expected a number, found '.nan'"),
    ("learningRate: 0x10", "x.yaml:1: learningRate: expected a number, found '0x10'"),
    ("isShuffled: yes", "x.yaml:1: isShuffled: expected true or false, found 'yes'"),
    ("name: [a]", "x.yaml:1: name: expected text, found a list"),
    ("name:", "x.yaml:1: name: expected text, found nothing"),
    ("encoder: 4", "x.yaml:1: encoder: expected a group of settings, found '4'"),
    ("encoder:", "x.yaml:1: encoder: expected a group of settings, found nothing"),
    ("mask: [1]", "x.yaml:1: mask: expected a group of settings, found a list"),
    ("kernels: 3", "x.yaml:1: kernels: expected a list, found '3'"),
    ("kernels: [3, x]", "x.yaml:1: kernels[1]: expected a whole number, found 'x'"),
    ("kernels:\n  - 3\n  - x", "x.yaml:3: kernels[1]: expected a whole number, found 'x'"),
    (
      "teacher: { features: mfcc93 }",
      "x.yaml:1: teacher.features: expected one of mfcc39, mfcc60, logmel229, found 'mfcc93'; "
        + "did you mean 'mfcc39'?"
    ),
    (
      "teacher: { features: [] }", "x.yaml:1: teacher.features: expected text, found a list"
    ),
    ("name: a\nname: b", "x.yaml:2: 'name' is set twice; keep one"),
    ("encoder:\n\tlayers: 4", "x.yaml:2: a tab cannot indent; use spaces"),
    ("- 1\n- 2", "x.yaml:1: expected settings ('name: value'), found a list"),
    ("four", "x.yaml:1: expected settings ('name: value'), found 'four'"),
    ("", "x.yaml: is empty; a recipe holds settings"),
    ("# only a comment\n", "x.yaml: is empty; a recipe holds settings"),
    ("? [a, b]\n: 1", "x.yaml:1: the name of a setting must be a word"),
    ("extends: [[a]]", "x.yaml:1: extends: expected the path of a recipe, found a list"),
    (
      "mask: { extends: a }",
      "x.yaml:1: mask.extends: no such setting; there are: probability, spanFrames"
    ),
    ("name: *nothing", "x.yaml:1: found undefined alias"),
  ])
  func oneLineSaysWhatIsWrong(yaml: String, expected: String) {
    #expect(complaint(of: yaml) == expected)
  }

  @Test(arguments: [
    "a: [1", "a: {", "a: 'x", "a: b: c", "%", "a: \"\\q\"", "&", "a: !!x<", "\u{7}",
  ])
  func brokenYAMLNamesALine(yaml: String) {
    let message = complaint(of: yaml)
    #expect(message.wholeMatch(of: /x\.yaml:\d+: [^\n]+/) != nil, "\(message)")
  }

  @Test(arguments: [
    ("encoder.layers=four", "--set encoder.layers: expected a whole number, found 'four'"),
    ("encoder.laers=4", "--set encoder.laers: no such setting; did you mean 'layers'?"),
    ("encoder={ laers: 4 }", "--set encoder.laers: no such setting; did you mean 'layers'?"),
    (
      "mask.probability.x=1", "--set mask.probability: expected a number, found a group of settings"
    ),
    (
      "encoder.layers",
      "--set encoder.layers: expected path.to.key=value, as in mask.probability=0.5"
    ),
    ("=4", "--set : expected path.to.key=value, as in mask.probability=0.5"),
    ("a..b=4", "--set a..b: expected path.to.key=value, as in mask.probability=0.5"),
    ("mask=", "--set mask: no value; 'mask=null' clears a setting"),
    ("kernels=[1", "--set kernels: did not find expected ',' or ']'"),
  ])
  func aSettingOfTheCommandLineNamesItself(setting: String, expected: String) {
    #expect(complaint(of: "name: a", settings: [setting]) == expected)
  }

  @Test func aParentIsToBlameForItsOwnLines() throws {
    let folder = try TestFolder()
    let parent = try folder.write("name: a\nmaks: 1", to: "base/p.yaml")
    let child = try folder.write("extends: ../base/./p.yaml", to: "nano/c.yaml")
    #expect(error(child) == "\(parent):2: maks: no such setting; did you mean 'mask'?")
  }

  @Test func circlesAndMissingParentsAreNamed() throws {
    let folder = try TestFolder()
    let a = try folder.write("name: a\nextends: b.yaml", to: "a.yaml")
    let b = try folder.write("extends: ./a.yaml", to: "b.yaml")
    #expect(error(a) == "\(b):1: extends: '\(a)' extends this recipe in turn; break the circle")
    let own = try folder.write("extends: own.yaml", to: "own.yaml")
    #expect(
      error(own) == "\(own):1: extends: '\(own)' extends this recipe in turn; break the circle")
    let orphan = try folder.write("extends: no.yaml", to: "orphan.yaml")
    #expect(
      error(orphan) == "\(orphan):1: extends: no such file: '\(folder.url.path)/no.yaml'")
  }

  @Test func unreadableFilesSayWhy() throws {
    let folder = try TestFolder()
    try folder.write("name: a", to: "nano.yaml")
    let missing = folder.url.appendingPathComponent("nanno.yaml").path
    #expect(error(missing) == "\(missing): no such file; did you mean 'nano.yaml'?")
    #expect(error(folder.url.path).hasSuffix(": is a folder, not a recipe"))
    let large = try folder.write(String(repeating: "#", count: 70_000), to: "large.yaml")
    #expect(error(large) == "\(large): is larger than 64 KiB, so it is not a recipe")
    let binary = folder.url.appendingPathComponent("b.yaml")
    try Data([0x61, 0xFF, 0xFE]).write(to: binary)
    #expect(error(binary.path).hasSuffix(": is not UTF-8 text, so it is not a recipe"))
  }

  @Test func hostileTextsEndSoonWithAnError() {
    let bomb = (1...9).reduce("a0: &a0 [x,x,x,x,x,x,x,x,x]\n") { text, n in
      text + "a\(n): &a\(n) [" + Array(repeating: "*a\(n - 1)", count: 9).joined(separator: ",")
        + "]\n"
    }
    let deep = String(repeating: "[", count: 30_000)
    let steps = (0..<200).map { String(repeating: " ", count: $0) + "a:" }.joined(separator: "\n")
    let wide = "kernels: [" + String(repeating: "1,", count: 20_000) + "1]"
    let texts = [
      bomb, bomb + "? *a9\n: 1\n", deep, "a: " + deep, steps, wide,
      "mask: &m { probability: *m }", String(repeating: "- ", count: 30_000),
      String(repeating: "{a: ", count: 900) + String(repeating: "}", count: 900),
    ]
    for text in texts {
      let message = complaint(of: text)
      #expect(message.wholeMatch(of: /x\.yaml:\d+: [^\n]+/) != nil, "\(message.prefix(300))")
    }
  }

  private func error(_ path: String) -> String {
    do {
      return "no error, but \(try RecipeFile.load(Study.self, from: path))"
    } catch {
      return "\(error)"
    }
  }
}
