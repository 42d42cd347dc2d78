import Audio
import Foundation
import Pretrain
import Tensor
import TestSupport
import Testing
import Train

/// Several collections, whose crops come in proportion to weights.
@Suite struct SharesTests {
  private let studio: TinyStudio

  init() throws {
    studio = try TinyStudio()
    for (name, count) in [("folk", 3), ("jazz", 5)] {
      for file in 0..<count {
        try AudioFile.write(
          TinyStudio.music(seconds: 1.5, seed: UInt64(10 * count + file)), sampleRate: 8_000,
          to: make(name).appendingPathComponent("\(file).wav").path)
      }
    }
  }

  private func make(_ name: String) throws -> URL {
    let url = studio.folder.url.appendingPathComponent(name)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    return url
  }

  private func open(_ collections: String...) throws -> Manifest.Scan {
    try Manifest.open(collections.map { studio.folder.path($0) })
  }

  private func job(_ data: Manifest.Scan) throws -> TrainingJob<Recipe> {
    try TrainingJob(.tinyHuBERT, data: data, scratch: studio.folder.url) { _ in }
  }

  private func train(
    _ data: Manifest.Scan, in name: String, _ start: RunStart = .new, until limit: Int? = nil
  ) throws {
    try job(data).train(
      in: studio.run(name), labels: studio.run("labels").labels, start, until: limit)
  }

  @Test func pathsBeginWithTheNamesOfTheirCollections() throws {
    let scan = try open("folk", "jazz=2")
    #expect(
      scan.manifest.entries.map(\.path)
        == (0..<3).map { "folk/\($0).wav" } + (0..<5).map { "jazz/\($0).wav" })
    #expect(scan.manifest.parts.map(\.weight) == [1, 2])
    #expect(
      scan.manifest.entries.map(scan.manifest.path)
        == scan.manifest.entries.map { studio.folder.path($0.path) })
    #expect(try open("folk", "jazz").manifest.parts.map(\.weight) == [nil, nil])
    // One collection is as ever.
    #expect(try open("folk").manifest == Manifest.open(studio.folder.path("folk")).manifest)
    try scan.manifest.write(to: studio.folder.path("jazz=2"))
    #expect(throws: AudioError.self, "a file of the whole name comes first") {
      try open("folk", "jazz=2")
    }
  }

  @Test(arguments: ["jazz=0", "jazz=-1", "jazz=much", "jazz=1e9", "nothing=2", "folk"])
  func impossibleCollectionsAreRefused(second: String) throws {
    let error = #expect(throws: AudioError.self) { try open("folk", second) }
    #expect(error.map { !"\($0)".contains("\n") } == true)
  }

  @Test func cropsComeInProportion() throws {
    let audio = try DecodedAudio(
      open("folk", "jazz=3").manifest, sampleRate: 8_000, scratchFolder: studio.folder.path)
    var recipe = Recipe.tinyHuBERT
    recipe.training.batchSize = 1
    let shares = [
      CropShare(name: "folk", files: 0..<3, weight: 1),
      CropShare(name: "jazz", files: 3..<8, weight: 3),
    ]
    let loader = try recipe.batches(of: TrainingMaterial(audio, shares: shares))
    var counts: [String: Int] = [:]
    for sample in 0..<2_000 {
      counts[loader.files(ofBatches: sample..<sample + 1)[0], default: 0] += 1
    }
    let folk = counts.filter { $0.key.hasPrefix("folk/") }
    #expect(folk.values.reduce(0, +) == 500 && counts.values.reduce(0, +) == 2_000)
    // Each collection has epochs of its own, in which every crop comes once.
    #expect(folk.values.max()! - folk.values.min()! <= 2)
    let jazz = counts.filter { $0.key.hasPrefix("jazz/") }.values
    #expect(jazz.max()! - jazz.min()! <= 2)
  }

  @Test func weightsBelongToTheIdentityOfARun() throws {
    try train(open("folk", "jazz=2"), in: "whole")
    try train(open("folk", "jazz=2"), in: "pieces", until: 3)
    for (name, words) in [
      ("jazz=3", "the collections have the weights folk=1.0, jazz=3.0 and not folk=1.0, jazz=2.0"),
      ("jazz", "the collections have the weights none and not"),
    ] {
      expectError("other data", words) { try train(open("folk", name), in: "pieces", .resuming) }
    }
    try train(open("folk", "jazz=2"), in: "pieces", .resuming)
    let (a, b) = (try studio.checkpoint(6, of: "whole"), try studio.checkpoint(6, of: "pieces"))
    for (name, bytes) in a { #expect(bytes == b[name], "\(name)") }
    // A stage that is finished is compared with a list of files.
    func differences(from names: String...) throws -> String? {
      let scan = try Manifest.open(names.map { studio.folder.path($0) })
      return try RunFolder.dataDifferences(of: studio.run("whole"), from: scan)
    }
    #expect(try differences(from: "folk", "jazz=2") == nil)
    #expect(
      try differences(from: "folk", "jazz=3")
        == "the collections have the weights folk=1.0, jazz=3.0 and not folk=1.0, jazz=2.0")
    #expect(try differences(from: "jazz=2", "folk") == "the files come in another order")
    // Without weights every crop comes once an epoch, as if the folders were one.
    try train(open("folk", "jazz"), in: "plain")
    #expect(try studio.log(of: "plain") != studio.log(of: "whole"))
  }

  /// Labels do not depend on weights, and a teacher whose labels are finished is not fitted again.
  @Test func labellingThatWasInterruptedGoesOn() throws {
    let folder = studio.run("labels")
    func teach() throws -> (qualities: [LabelQuality], fits: Int) {
      var fits = 0
      let job = try TrainingJob(
        Recipe.tinyMERT, data: open("folk", "jazz=2"), scratch: studio.folder.url
      ) { event in
        if case .fitting(0, _) = event { fits += 1 }
      }
      let qualities = try job.teach(into: folder)
      return (qualities, fits)
    }
    func file(_ name: String) -> URL { folder.appendingPathComponent(name) }
    let whole = try teach()
    let first = try Data(contentsOf: file("labels-0.h5"))
    for name in ["labels-1.h5", "labels-1.json"] {
      try FileManager.default.removeItem(at: file(name))
    }
    let rest = try teach()
    #expect(rest.qualities == whole.qualities && 2 * rest.fits == whole.fits && rest.fits > 0)
    #expect(try Data(contentsOf: file("labels-0.h5")) == first)
    // What is finished is made again if that is asked for.
    #expect(try teach().fits == whole.fits)
  }

  @Test func aCollectionWithoutACropIsNamed() throws {
    try AudioFile.write(
      TinyStudio.music(seconds: 0.3, seed: 1), sampleRate: 8_000,
      to: make("short").appendingPathComponent("a.wav").path)
    expectError("short: no usable file is as long as a crop") {
      try train(open("folk", "short=2"), in: "run")
    }
  }
}
