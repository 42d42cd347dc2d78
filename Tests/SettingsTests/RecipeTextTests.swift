import Foundation
import Settings
import TestSupport
import Testing
import YAML

/// Kind: text. How a recipe is encoded and broken into lines changes neither what is read nor the line that an
/// error names.
@Suite struct RecipeTextTests {
  @Test func aByteOrderMarkIsNoPartOfTheFirstName() throws {
    let folder = try TestFolder()
    try folder.write("{ name: parent, kernels: [1] }", to: "p.yaml")
    let path = try folder.write("\u{FEFF}extends: p.yaml\nlearningRate: 0.5\n", to: "x.yaml")
    let study = try RecipeFile.load(Study.self, from: path)
    #expect(study.name == "parent" && study.learningRate == 0.5)
    #expect(
      complaint(of: "\u{FEFF}name: a\nmaks: 1")
        == "x.yaml:2: maks: no such setting; did you mean 'mask'?")
    #expect(
      complaint(of: "\u{FEFF}") == "x.yaml: is empty; a recipe holds settings")
  }

  @Test(arguments: ["\n", "\r\n", "\r"])
  func everyLineEndCounts(end: String) throws {
    let text = ["name: a", "encoder:", "  layers: 3", "  heads: x"].joined(separator: end)
    #expect(
      complaint(of: text) == "x.yaml:4: encoder.heads: expected a whole number, found 'x'")
    #expect(
      complaint(of: ["name: a", "encoder:", "\tlayers: 4"].joined(separator: end))
        == "x.yaml:3: a tab cannot indent; use spaces")
    #expect(
      complaint(of: ["# c", "name: a", "seed: 1", "name: b"].joined(separator: end))
        == "x.yaml:4: 'name' is set twice; keep one")
    #expect(
      complaint(of: ["name: a", "seed: \u{1}"].joined(separator: end))
        .hasPrefix("x.yaml:2: control characters are not allowed"))
  }

  @Test func aNameThatIsSetTwiceIsFoundWhereItStands() {
    #expect(
      complaint(of: "encoder:\n  width: 1\n  drop: { layer: 0 }\n  heads: 3\n  width : 2\n")
        == "x.yaml:5: 'width' is set twice; keep one")
    #expect(
      complaint(of: "stages:\n  - width: 1\n  - rate: 2\n    width: 3\n    rate: 1\n")
        == "x.yaml:5: 'rate' is set twice; keep one")
    #expect(
      complaint(of: "seed: 1\nencoder: { width: 1, width: 2 }\n")
        == "x.yaml:2: 'width' is set twice; keep one")
  }

  @Test func otherEncodingsAreNamed() throws {
    let folder = try TestFolder()
    func complaint(_ data: Data) throws -> String {
      let file = folder.url.appendingPathComponent("x.yaml")
      try data.write(to: file)
      do {
        return "no error, but \(try RecipeFile.load(Study.self, from: file.path))"
      } catch { return "\(error)".replacingOccurrences(of: folder.url.path + "/", with: "") }
    }
    let text = "name: a\n"
    for encoding in [String.Encoding.utf16, .utf16BigEndian, .utf16LittleEndian] {
      let line = try complaint(#require(text.data(using: encoding)))
      #expect(line.hasPrefix("x.yaml: ") && line.contains("UTF-16"), "\(line)")
      #expect(line.contains("save it as UTF-8"), "\(line)")
    }
    #expect(
      try complaint(Data("name: caf".utf8) + [0xE9])
        == "x.yaml: is not UTF-8 text, so it is not a recipe")
    #expect(try complaint(Data(repeating: 0, count: 100)).contains("has bytes of 0"))
    #expect(try complaint(Data("- 1\n".utf8)).hasPrefix("x.yaml:1: expected settings"))
    #expect(try complaint(Data("# c\n\n- 1\n".utf8)).hasPrefix("x.yaml:3: expected settings"))
  }

  /// Files that name each other by twos stand for a number that doubles with each.
  @Test func familiesOfFilesEnd() throws {
    let folder = try TestFolder()
    for number in 0..<12 {
      let next = "p\(number + 1).yaml"
      try folder.write("extends: [\(next), \(next)]\n", to: "p\(number).yaml")
    }
    try folder.write("name: a\n", to: "p12.yaml")
    let path = folder.url.appendingPathComponent("p0.yaml").path
    #expect {
      try RecipeFile.load(Study.self, from: path)
    } throws: {
      "\($0)".contains("is one of more than 200 files") && !"\($0)".contains("\n")
    }
  }

  @Test func aParentThatCannotBeReadIsNamedByItsChild() throws {
    let folder = try TestFolder()
    try folder.write("", to: "empty.yaml")
    let path = try folder.write("name: a\nextends: empty.yaml\n", to: "x.yaml")
    let parent = folder.url.appendingPathComponent("empty.yaml").path
    #expect {
      try RecipeFile.load(Study.self, from: path)
    } throws: {
      "\($0)" == "\(path):2: extends: '\(parent)' is empty; a recipe holds settings"
    }
    try folder.write("name: a\nextends: \"empty.yaml\\0\"\n", to: "x.yaml")
    #expect {
      try RecipeFile.load(Study.self, from: path)
    } throws: {
      "\($0)".hasPrefix("\(path):2: extends: expected the path of a recipe")
    }
  }
}
