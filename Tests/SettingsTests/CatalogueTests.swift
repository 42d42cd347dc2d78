import Settings
import TestSupport
import Testing
import YAML

struct Tempo: Configuration {
  var beatsPerMinute = 120.0
  var beatsPerBar = 4

  func validate() throws(InvalidSetting) {
    try require(positive: "beatsPerMinute", beatsPerMinute)
    try require("beatsPerBar", beatsPerBar, in: 1...32)
  }
}

/// What the catalogues show, run as it stands there.
@Suite struct CatalogueTests {
  @Test func theExamplesRun() throws {
    let folder = try TestFolder()
    let path = try folder.write("beatsPerMinute: 96", to: "tempo.yaml")
    let tempo = try RecipeFile.load(Tempo.self, from: path, settings: ["beatsPerBar=3"])
    print(try RecipeFile.yaml(of: tempo))
    #expect(tempo.beatsPerMinute == 96 && tempo.beatsPerBar == 3)
    #expect(throws: RecipeError.self) {
      try RecipeFile.load(Tempo.self, from: path, settings: ["beatsPerBar=0"])
    }
  }

  @Test func theCataloguesShowThisCode() throws {
    try expectCompiled("Sources/Settings/Settings.docc/Settings.md", blocks: 1)
    try expectCompiled("Sources/Settings/YAML/YAML.docc/YAML.md", blocks: 1)
  }
}
