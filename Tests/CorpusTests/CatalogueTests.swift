import Corpus
import TestSupport
import Testing

/// What the catalogue shows, run as it stands there.
@Suite struct CatalogueTests {
  @Test func theExampleRuns() {
    let piece = CorpusPiece(index: 0, seed: 1)
    print(piece.labels.key, piece.labels.tempo, piece.samples.count)
    #expect(piece.samples.count == 8 * Corpus.sampleRate)
  }

  @Test func theCatalogueShowsThisCode() throws {
    try expectCompiled("Sources/Corpus/Corpus.docc/Corpus.md", blocks: 1)
  }
}
