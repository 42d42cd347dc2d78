import Models
import Tensor
import TestSupport
import Testing

struct Classifier: Module {
  var hidden: Linear
  var output: Linear

  func callAsFunction(_ x: Tensor) -> Tensor { output(hidden(x).relu()) }

  mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("hidden", &hidden)
    visitor.child("output", &output)
  }
}

/// What the catalogue shows, run as it stands there.
@Suite struct CatalogueTests {
  @Test func theModuleNamesItsParameters() {
    var stream = RandomStream(seed: 1, purpose: .initialisation)
    let classifier = Classifier(
      hidden: Linear(from: 4, to: 8, using: &stream), output: Linear(from: 8, to: 2, using: &stream)
    )
    #expect(
      classifier.parameters.map(\.path) == [
        "hidden.weight", "hidden.bias", "output.weight", "output.bias",
      ])
    #expect(classifier(.ones([3, 4])).shape == [3, 2])
  }

  @Test func theCodecOpensAFolder() throws {
    let samples = [Float](repeating: 0.1, count: 1_000)
    var config = Codec.Config.tinyCausal
    config.quantizer.codebooks = 8
    try withTemporaryFolder { folder in
      try Codec.random(config).save(to: folder)
      let codec = try Codec.load(folder)
      let coded = try codec.codes(of: samples, codebooks: 8)  // codes [8, frames]
      let decoded = try codec.samples(of: coded)
      #expect(coded.codes.shape == [8, 50] && decoded.count == 1_000)
    }
  }

  @Test func theEncoderOpensAFolder() throws {
    let samples = [Float](repeating: 0.1, count: 16_000)
    try withTemporaryFolder { folder in
      try AudioEncoder.random(.tiny).save(to: folder)
      let encoder = try AudioEncoder.load(folder)
      let states = try encoder.hiddenStates(of: samples)  // layers + 1 tensors [frames, width]
      #expect(states.count == encoder.config.layers + 1)
    }
  }

  @Test func theCatalogueShowsThisCode() throws {
    try expectCompiled("Sources/Models/Models.docc/Models.md", blocks: 3)
  }
}
