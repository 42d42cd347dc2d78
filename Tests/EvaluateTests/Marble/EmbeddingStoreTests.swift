import Audio
import Evaluate
import Files
import Foundation
import Tensor
import TestSupport
import Testing

/// Vectors that are computed once.
@Suite struct EmbeddingStoreTests {
  private let folder: TestFolder
  private let store: EmbeddingStore
  private let clips: [AudioClip]

  init() throws {
    folder = try TestFolder()
    store = EmbeddingStore(folder.url.appendingPathComponent("store"))
    var clips: [AudioClip] = []
    for number in 0..<70 {
      let path = folder.path("\(number).wav")
      try Self.write(number, to: path)
      clips.append(AudioClip(path: path))
    }
    self.clips = clips
  }

  private static func write(_ number: Int, to path: String) throws {
    let samples = (0..<2_400 + 1_200 * (number % 3)).map {
      0.3 * sin(Float($0) * 0.01 * Float(number + 1))
    }
    try AudioFile.write(samples, sampleRate: 24_000, to: path)
  }

  /// Vectors, and how many clips were embedded.
  private func embed(
    _ clips: [AudioClip], cut: EmbeddingCut = .stretches(Excerpts(window: 0.05, leastRest: 0.05))
  ) throws -> (embeddings: Embeddings, embedded: Int) {
    var embedded = 0
    let embedder = try #require(Embedder(handMade: "log-mel"))
    let embeddings = try store.embeddings(of: clips, named: "set", by: embedder, cut) { done, _ in
      embedded = done
    }
    return (embeddings, embedded)
  }

  private func rows(_ embeddings: Embeddings, _ item: Int) throws -> Tensor {
    try embeddings.vectors(Array(embeddings.rows[item]), layer: 0)
  }

  @Test func aStretchIsARow() throws {
    let embeddings = try embed(clips).embeddings
    #expect(embeddings.rows.prefix(4).map(\.count) == [2, 3, 4, 2])
    #expect(embeddings.width == 256 && embeddings.layers == 1)
    let whole = try embed(clips, cut: .stretches(Excerpts())).embeddings
    #expect(whole.rows.allSatisfy { $0.count == 1 })
    let frames = try embed(clips, cut: .frames(seconds: 0.1)).embeddings
    #expect(frames.rows.allSatisfy { $0.count == 8 })
  }

  /// A part is what it is of the whole file, at any rate, also where it would go on after the end.
  @Test(arguments: [24_000, 16_000])
  func aPartIsOfTheWhole(rate: Int) throws {
    let path = folder.path("long.wav")
    var generator = RandomStream(seed: 9, purpose: .probe)
    try AudioFile.write(
      (0..<120_000).map { _ in Float.random(in: -0.5...0.5, using: &generator) },
      sampleRate: 24_000, to: path)
    let whole = try AudioClip(path: path).samples(sampleRate: rate)
    for time in [0.0..<0.5, 2.25..<3.75, 4.5..<9] {
      let part = try AudioClip(path: path, time: time).samples(sampleRate: rate)
      let first = Int(time.lowerBound * Double(rate))
      let expected = whole[first..<min(whole.count, Int(time.upperBound * Double(rate)))]
      #expect(part.count == expected.count)
      #expect(zip(part, expected).allSatisfy { abs($0 - $1) < 1e-5 })
    }
    #expect(throws: AudioError.self) {
      try AudioClip(path: path, time: 5..<6).samples(sampleRate: rate)
    }
  }

  @Test func nothingIsEmbeddedTwice() throws {
    #expect(try embed(clips).embedded == 70)
    let again = try embed(clips)
    #expect(again.embedded == 0)
    // Another order, and a part of the clips: the same vectors.
    let part = try embed([clips[69], clips[3]])
    #expect(part.embedded == 0)
    #expect(try rows(part.embeddings, 1).values == rows(again.embeddings, 3).values)
  }

  @Test func whatWasStoppedGoesOn() throws {
    let whole = try embed(clips).embeddings
    let items = [0, 63, 64, 69]
    let vectors = try items.map { try rows(whole, $0).values }
    let blocks = try FileManager.default.subpathsOfDirectory(atPath: store.folder.path)
      .filter { $0.hasSuffix(".safetensors") }.sorted()
    #expect(blocks.count == 2)
    // The second block is cut short, as no kill leaves it.
    let last = store.folder.appendingPathComponent(blocks[1])
    try Data(contentsOf: last).prefix(100).write(to: last)
    let again = try embed(clips)
    #expect(again.embedded == 6)
    #expect(try items.map { try rows(again.embeddings, $0).values } == vectors)
  }

  @Test func aChangedFileIsEmbeddedAgain() throws {
    _ = try embed(clips)
    try Self.write(100, to: clips[5].path)
    #expect(try embed(clips).embedded == 1)
  }

  @Test func anotherProcessIsWaitedForAndNamed() throws {
    _ = try embed(Array(clips.prefix(2)))
    let files = try FileManager.default.subpathsOfDirectory(atPath: store.folder.path)
    let block = try #require(files.first { $0.hasSuffix("block-00000.safetensors") })
    let shelf = store.folder.appending(path: block).deletingLastPathComponent()
    var lock: FolderLock? = try FolderLock(shelf)
    var holders: [String?] = []
    let embeddings = try store.embeddings(
      of: clips, named: "set", by: #require(Embedder(handMade: "log-mel")),
      .stretches(Excerpts(window: 0.05, leastRest: 0.05))
    ) { _, _ in
      #expect(lock == nil)
    } waiting: {
      holders.append($0)
      lock = nil
    }
    #expect(holders.count == 1 && holders[0]?.hasPrefix("process ") == true)
    #expect(embeddings.rows.count == clips.count)
  }

  @Test func unusableFilesAreLeftOutWithTheirReasons() throws {
    try Data("no audio".utf8).write(to: URL(filePath: clips[2].path))
    try AudioFile.write([0.1, 0.2], sampleRate: 24_000, to: clips[4].path)
    let embeddings = try embed(clips).embeddings
    #expect(embeddings.leftOut.keys.sorted() == [2, 4])
    #expect(embeddings.rows[2].isEmpty && embeddings.rows[4].isEmpty)
    #expect(try embed(clips).embedded == 0)
  }

  /// A model that brings a file to one level is not given what lies behind the limit.
  @Test func nothingBehindTheLimitIsHeard() throws {
    let start = (0..<2_400).map { 0.3 * sin(Float($0) * 0.02) }
    let embedder = try MarbleSupport.tiny()
    let vectors = try [Float(0), 0.9].map { level in
      let path = folder.path("level-\(level).wav")
      try AudioFile.write(
        start + (0..<2_400).map { level * sin(Float($0)) }, sampleRate: embedder.sampleRate,
        to: path)
      let limit = Double(start.count) / Double(embedder.sampleRate)
      let cut = EmbeddingCut.stretches(Excerpts(limit: limit, window: limit, leastRest: 0.01))
      let clips = [AudioClip(path: path)]
      return try store.embeddings(of: clips, named: "level", by: embedder, cut)
        .vectors([0], layer: 1).values
    }
    #expect(vectors[0] == vectors[1])
  }

  /// Frames are those of audio whose peak is 1. Files hold 16 bits, so both levels are whole numbers of them.
  @Test func framesDoNotDependOnTheLevel() throws {
    let wave = (0..<4_800).map { (8_192 * sin(Float($0) * 0.1)).rounded() / 32_768 }
    let vectors = try [Float(1), 2].map { level in
      let path = folder.path("loud-\(level).wav")
      try AudioFile.write(wave.map { level * $0 }, sampleRate: 24_000, to: path)
      let embeddings = try embed([AudioClip(path: path)], cut: .frames(seconds: 0.2)).embeddings
      return try embeddings.vectors(Array(embeddings.rows[0]), layer: 0).values
    }
    #expect(zip(vectors[0], vectors[1]).allSatisfy { abs($0 - $1) < 1e-3 })
  }

  /// No two cuts share one. Those of MARBLE's tasks stay, for what is in stores.
  @Test func everyCutHasItsFolder() {
    let windows = [2.05, 25, 20.5, 30.0].map { EmbeddingCut.stretches(Excerpts(window: $0)).key }
    #expect(
      windows == ["window2.05-rest1", "window25-rest1", "window20.5-rest1", "window30-rest1"])
    #expect(EmbeddingCut.frames(seconds: 3.05).key == "frames-peak-first3.05")
    #expect(
      Set(MarbleTask.all.compactMap { $0.method.cut?.key }) == [
        "whole", "window30-rest30-alone", "frames-peak-first30", "cropped30-window5-rest1",
        "window2.993197278911565-rest2.993197278911565-trimmed-standardized", "window30-rest1",
      ])
    #expect(
      Set(MarbleTask.all.compactMap { $0.version(.v2)?.method.cut?.key }) == [
        "window30-rest24-alone", "window30-rest24-alone-left", "window30.2-rest24.16-alone-left",
        "frames-window10-rest8-alone-left", "window15-rest12-alone-left",
      ])
  }

  @Test func aPartOfAFile() throws {
    let parts = [0..<0.05, 0.05..<0.1].map { AudioClip(path: clips[0].path, time: $0) }
    let (whole, halves) = (try embed([clips[0]]).embeddings, try embed(parts).embeddings)
    for item in 0..<2 {
      #expect(
        try rows(halves, item).values
          == whole.vectors([whole.rows[0].lowerBound + item], layer: 0).values)
    }
  }
}

extension Tensor {
  fileprivate var values: [Float] { read { Array($0) } }
}
