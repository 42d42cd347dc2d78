import Audio
import Foundation
import TestSupport
import Testing

/// `etude features`: what fills a store, and what must not take its place.
@Suite(.enabled(if: BuiltCommand.isThere)) struct FeaturesTests {
  private let folder: TestFolder

  init() throws {
    folder = try TestFolder()
    for name in ["a", "b"] {
      let sound = folder.url.appendingPathComponent("music/\(name).wav")
      try FileManager.default.createDirectory(
        at: sound.deletingLastPathComponent(), withIntermediateDirectories: true)
      try AudioFile.write(tones(24_000, sampleRate: 16_000), sampleRate: 16_000, to: sound.path)
    }
  }

  private func features(
    _ input: String, to store: String = "store.h5"
  ) throws -> (code: Int32, errors: String) {
    try BuiltCommand.run(
      "cd '\(folder.path)' && \"$ETUDE\" features mfcc39 \(input) --out \(store)")
  }

  @Test func tarFilesAndManifestsAreCollections() throws {
    let (code, errors) = try BuiltCommand.run(
      "cd '\(folder.path)' && tar cf music.TAR music && \"$ETUDE\" manifest music --out music.TSV")
    #expect(code == 0, "\(errors)")
    for input in ["music", "music.TAR", "music.TSV"] {
      let (code, errors) = try features(input, to: input + ".h5")
      #expect(code == 0, "\(errors)")
      #expect(try FeatureStore(at: folder.path(input + ".h5")).files.count == 2)
    }
    #expect(try features("music.TAR", to: "x.npy").errors.contains("whose name ends in .h5"))
  }

  @Test func oneFileDoesNotReplaceTheStoreOfOthers() throws {
    #expect(try features("music").code == 0)
    let (code, errors) = try features("music/a.wav")
    #expect(code == 1)
    #expect(
      errors
        == "Error: store.h5: is a store of other audio, as 'a.wav'; name another file, or remove it\n"
    )
    #expect(try FeatureStore(at: folder.path("store.h5")).files.count == 2)
    // Its own is written again.
    for _ in 0..<2 { #expect(try features("music/a.wav", to: "own.h5").code == 0) }
  }
}
