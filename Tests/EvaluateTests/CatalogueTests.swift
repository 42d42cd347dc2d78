import Evaluate
import TestSupport
import Testing

/// What the catalogue shows, run as it stands there.
@Suite struct CatalogueTests {
  @Test func theExampleRuns() {
    let accuracies = [0.62, 0.58, 0.63]  // one of each seed
    let interval = Interval(of: accuracies)
    print(interval.mean, interval.halfWidth)  // mean ± t · s / √n, 95 %
    #expect(abs(interval.mean - 0.61) < 1e-9 && abs(interval.halfWidth - 0.0657) < 1e-3)
  }

  @Test func theCatalogueShowsThisCode() throws {
    try expectCompiled("Sources/Evaluate/Evaluate.docc/Evaluate.md", blocks: 1)
  }
}
