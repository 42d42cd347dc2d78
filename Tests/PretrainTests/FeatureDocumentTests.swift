import Audio
import Foundation
import Pretrain
import Tensor
import Testing

/// What `docs/features.md` shows is what is compiled and run here, line by line.
@Suite struct FeatureDocumentTests {
  @Test func theExampleRuns() throws {
    let folder = try FeatureFolder(pieces: 2)
    let manifest = folder.manifest(pieces: 2)
    _ = try FeatureExtraction(
      .cqt336, of: manifest, into: folder.store, sampleRate: 24_000
    ).run()
    let stored = try features(of: manifest, store: folder.store)
    let computed = try features(of: manifest, store: nil)
    #expect(stored is FeatureStore && computed is ComputedFeatures)
    let (a, b) = (try stored.features(of: "1.wav"), try computed.features(of: "1.wav"))
    #expect(a.shape == [83, 336] && a.scalars == b.scalars)
  }

  @Test func theDocumentShowsThisCode() throws {
    let source = try String(contentsOfFile: #filePath, encoding: .utf8)
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let document = try String(contentsOf: root.appending(path: "docs/features.md"), encoding: .utf8)
    let shown = try #require(document.components(separatedBy: "```swift\n").dropFirst().first)
    let code = try #require(shown.components(separatedBy: "```").first)
    for line in code.split(separator: "\n") {
      #expect(source.contains(line), "not compiled by a test: \(line)")
    }
  }
}

func features(of manifest: Manifest, store: String?) throws -> any FeatureSource {
  let computed = try ComputedFeatures(.cqt336, of: manifest, sampleRate: 24_000)
  guard let store else { return computed }
  let stored = try FeatureStore(at: store)
  try stored.check(computed.format)  // kind, rate, hop, width
  try stored.check(manifest)  // every file is there, and its audio unchanged
  return stored
}
