import Audio
import Corpus
import Evaluate
import Foundation
import Testing
import Train

/// With one's own music, models are probed on the built-in corpus of another seed.
@Suite struct ProbeDataTests {
  private let pieces = BuiltInPieces(minutes: 1.6, seed: 100)

  /// Music without labels.
  private func music(_ folder: URL, seed: UInt64) throws -> String {
    try Corpus.write(to: folder, minutes: 1.6, seed: seed)
    try FileManager.default.removeItem(at: folder.appending(path: "labels.jsonl"))
    return folder.path
  }

  private func compare(
    _ folder: URL, data: String, probeData: ProbeData,
    watch: @escaping (Comparison.Event) -> Void = { _ in }
  ) throws -> ComparisonReport {
    try Comparison(
      [.recipe(Tiny.recipe())], data: data, probeData: probeData, probes: Tiny.probes,
      folder: folder.appending(path: "out"), watch: watch
    ).run(commands: []).report
  }

  @Test func ownMusicIsProbedOnOtherPieces() throws {
    try withFolder { folder in
      let data = try music(folder.appending(path: "music"), seed: 5)
      var stages: [String] = []
      let report = try compare(folder, data: data, probeData: .builtIn(pieces)) { stage in
        switch stage {
        case .probes(let music, _): stages.append("probes \(music.pieces) \(music.heard)")
        case .run(let name): stages.append("run \(name)")
        case .probing(let title, 1, _): stages.append("probing \(title)")
        default: break
        }
      }
      #expect(stages.prefix(3) == ["probes 12 [\"tiny\": 0]", "run tiny", "probing tiny"])
      #expect(report.probes.map(\.model).contains("tiny"))
      #expect(report.probed?.folder.hasSuffix("out/probe-corpus") == true)
      #expect(report.markdown.contains("No model was trained on any of them."))
    }
  }

  @Test func whoeverTrainsOnThePiecesIsTold() throws {
    try withFolder { folder in
      let data = try music(folder.appending(path: "music"), seed: 100)
      let report = try compare(folder, data: data, probeData: .builtIn(pieces))
      #expect(report.probed?.heard == ["tiny": 12])
      #expect(report.markdown.contains("Trained on the pieces that they are probed on (12 of them"))
    }
  }

  /// Also if the run was trained earlier, and its music is named in its folder alone.
  @Test func aRunTrainedEarlierIsLookedAtToo() throws {
    try withFolder { folder in
      let corpus = try Tiny.corpus(folder.appending(path: "corpus"))
      _ = try compare(folder, data: corpus, probeData: .folder(corpus))
      let run = folder.appending(path: "out/tiny").path
      let report = try Comparison(
        [Contender(at: run)], data: nil, probeData: .folder(corpus), probes: Tiny.probes,
        folder: folder.appending(path: "second")
      ).run(commands: []).report
      #expect(report.probed?.heard == ["tiny": 12])
    }
  }

  @Test func thePiecesAreRenderedOnceAndAlwaysTheSame() throws {
    try withFolder { folder in
      var rendered = 0
      let first = try pieces.rendered(below: folder) { _, _ in rendered += 1 }
      let again = try pieces.rendered(below: folder) { _, _ in rendered += 100 }
      #expect(rendered > 0 && rendered < 100 && first == again)
      let other = folder.appending(path: "other")
      try Corpus.write(to: other, minutes: 1.6, seed: 100)
      for name in ["piece-0000.wav", "piece-0011.wav", "labels.jsonl"] {
        #expect(
          try Data(contentsOf: first.appending(path: name))
            == Data(contentsOf: other.appending(path: name)))
      }
    }
  }

  @Test func otherPiecesUnderTheirNameAreNotTakenForThem() throws {
    try withFolder { folder in
      try Corpus.write(to: folder.appending(path: "probe-corpus"), minutes: 1.6, seed: 99)
      let error = #expect(throws: ProbeError.self) { try pieces.rendered(below: folder) }
      #expect(
        error?.description.contains("probe-corpus: holds other pieces than the built-in") == true)
      try FileManager.default.removeItem(at: folder.appending(path: "probe-corpus/labels.jsonl"))
      let bare = #expect(throws: ProbeError.self) { try pieces.rendered(below: folder) }
      #expect(bare?.description == error?.description)
    }
  }
}
