import Audio
import Foundation
import MusicSupport
import Tensor
import TestSupport
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
    let song = manifest.path(of: manifest.entries[0])
    let means = try mean(of: song)
    let frontEnd = try FeatureKind.logmel128.frontEnd(sampleRate: 24_000)
    let expected = try frontEnd.features(ofFile: song).features.mean(axis: 0).scalars
    #expect(zip(means, expected).allSatisfy { abs($0 - Double($1)) < 1e-4 } && means.count == 128)
  }

  @Test func theDocumentShowsThisCode() throws {
    try expectCompiled("docs/features.md", blocks: 2)
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

/// The mean of every feature of a file of any length.
func mean(of song: String) throws -> [Double] {
  let frontEnd = try FeatureKind.logmel128.frontEnd(sampleRate: 24_000)
  var reader = try FeatureReader(frontEnd, of: song)
  var (sums, frames) = ([Double](repeating: 0, count: frontEnd.width), 0)
  while let block = try reader.next() {  // [frames, width], five minutes
    for (place, value) in block.scalars.enumerated() { sums[place % sums.count] += Double(value) }
    frames += block.shape[0]
  }
  return sums.map { $0 / Double(frames) }
}
