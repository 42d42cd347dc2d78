import Pretrain
import TestSupport
import Testing

/// What the catalogue shows, run as it stands there.
@Suite struct CatalogueTests {
  @Test func theExampleRuns() throws {
    let mask = try SpanMask(SpanMask.Config(probability: 0.8, spanFrames: 10))
    let masked = try mask.draw(rows: 2, frames: 100, seed: 1, step: 0, samples: [0, 1])
    print(masked.indices[0])  // the masked frames of the first row
    #expect(masked.indices[0].count == masked.indices[1].count && masked.count > 20)
  }

  @Test func theCatalogueShowsThisCode() throws {
    try expectCompiled("Sources/Pretrain/Pretrain.docc/Pretrain.md", blocks: 1)
  }
}
