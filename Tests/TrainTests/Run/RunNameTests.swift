import Foundation
import Settings
import TestSupport
import Testing
import Train
import YAML

/// Kind: names are used as paths.
@Suite struct RunNameTests {
  @Test(arguments: [
    ("'../../outside'", "has a '/'"), ("/tmp/outside", "has a '/'"), ("''", "is empty"),
    (".", "begins with a '.'"), ("..", "begins with a '.'"), (".hidden", "begins with a '.'"),
    ("a/b", "has a '/'"), ("\"a\\0b\"", "has a control character"),
    ("\"a\\nb\"", "has a control character"), ("\"a\\u2028b\"", "has a control character"),
    ("\"a\\u202eb\"", "has a control character"), ("' '", "begins or ends with a blank"),
    ("labels", "is taken by Etude itself"), ("Probes", "is taken by Etude itself"),
    ("embeddings", "is taken by Etude itself"), ("sounds", "is taken by Etude itself"),
    ("report.csv", "is taken by Etude itself"), ("report.tex", "is taken by Etude itself"),
    ("report.html", "is taken by Etude itself"),
    (String(repeating: "x", count: 201), "is longer than 200 bytes"),
    (String(repeating: "é", count: 101), "is longer than 200 bytes"),
  ])
  func aNameThatIsNoFolderIsRefused(name: String, words: String) throws {
    let folder = try TestFolder()
    let path = try folder.write("objective: { cqt: {} }\nname: \(name)\n", to: "x.yaml")
    do {
      _ = try RecipeFile.load(Recipe.self, from: path)
      Issue.record("no error")
    } catch {
      let line = "\(error)"
      #expect(line.hasPrefix("\(path):2: name: '") && line.contains("' \(words); "), "\(line)")
      #expect(!line.contains("\n"), "\(line)")
    }
  }

  @Test(arguments: ["a", "MERT 95M, k = 500", "日本語", "a.b-c_d", "..."].dropLast(1))
  func otherNamesAreFree(name: String) throws {
    let folder = try TestFolder()
    let path = try folder.write("objective: { cqt: {} }\nname: \"\(name)\"\n", to: "x.yaml")
    #expect(try RecipeFile.load(Recipe.self, from: path).name == name)
  }

  /// A stage is trained in a folder of its name, too.
  @Test func aStageIsARun() throws {
    let folder = try TestFolder()
    let first = try folder.write("objective: { cqt: {} }\nname: ../x\n", to: "first.yaml")
    let path = try folder.write(
      "name: two\nteacher: { kmeans: [{ layer: { recipe: first.yaml } }] }\n"
        + "objective: { codes: {} }\n", to: "x.yaml")
    #expect {
      try RecipeFile.load(Recipe.self, from: path)
    } throws: {
      "\($0)".hasPrefix("\(first):2: teacher.kmeans[0].layer.recipe.name: '../x' has a '/'")
    }
  }

  /// The longest name with the longest seed is still one that a file system takes.
  @Test func aSeedFitsBehindEveryName() throws {
    var recipe = Recipe()
    recipe.name = String(repeating: "x", count: 200)
    #expect(recipe.seeded(.max).name.utf8.count <= 255 - ".partial".utf8.count)
  }
}
