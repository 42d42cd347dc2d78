import Audio
import Files
import Foundation
import HDF5
import MusicSupport
import Tensor
import TestSupport
import Testing

@Suite struct FeatureStoreTests {
  @Test(arguments: FeatureKind.allCases)
  func storedAndComputedAreEqual(kind: FeatureKind) throws {
    let folder = try FeatureFolder(pieces: 2)
    try folder.write(
      tone(seconds: 0.7, pitch: 330, sampleRate: 44_100), sampleRate: 44_100, to: "more/b c.wav")
    let manifest = folder.manifest(["0.wav", "1.wav", "more/b c.wav"])
    let computed = try ComputedFeatures(kind, of: manifest, sampleRate: 16_000, frameRate: 100)
    _ = try folder.extraction(kind, of: manifest).run()
    let stored = try FeatureStore(at: folder.store)
    #expect(stored.format == computed.format)
    #expect(stored.files.map(\.name) == manifest.entries.map(\.path))
    for name in stored.files.map(\.name) {
      let frames = try stored.frames(of: name)
      #expect(try computed.frames(of: name) == frames)
      try expectEqual(stored, computed, name, 0..<frames)
      try expectEqual(stored, computed, name, 17..<41)
      try expectEqual(stored, computed, name, frames - 1..<frames)
      #expect(try stored.features(of: name, frames: 5..<5).shape == [0, stored.format.width])
    }
  }

  private func expectEqual(
    _ a: some FeatureSource, _ b: some FeatureSource, _ name: String, _ frames: Range<Int>
  ) throws {
    let (x, y) = (
      try a.features(of: name, frames: frames), try b.features(of: name, frames: frames)
    )
    #expect(x.shape == [frames.count, a.format.width])
    #expect(x.shape == y.shape && x.scalars == y.scalars, "\(name) \(frames)")
  }

  @Test func whatIsWrittenIsRead() throws {
    let folder = try FeatureFolder()
    let names = ["a.wav", "../up.wav", "ünï/🎹.wav", "tab\tnew\nline", "e\u{301}.wav", "\u{e9}.wav"]
    let format = try FeatureFormat(
      of: .chroma12, by: FeatureKind.chroma12.frontEnd(sampleRate: 24_000))
    let writer = try FeatureStoreWriter(at: folder.store, format: format)
    for (number, name) in names.enumerated() {
      try writer.append(
        name, features: numbers(frames: 3000 + number, width: 12, from: number),
        samples: 320 * number, audioHash: .max - UInt64(number))
    }
    #expect(!FileManager.default.fileExists(atPath: folder.store))
    try writer.finish()
    let store = try FeatureStore(at: folder.store)
    #expect(store.files.map { Array($0.name.utf8) } == names.map { Array($0.utf8) })
    #expect(store.format == format && store.format.frameRate == 75)
    for (number, name) in names.enumerated() {
      let all = numbers(frames: 3000 + number, width: 12, from: number)
      #expect(try store.features(of: name).scalars == all.scalars)
      // Longer than a chunk, so that crops cross from one to the next.
      for range in [0..<1, 2999..<3000, 2700..<2760, 100..<2900] {
        let crop = try store.features(of: name, frames: range)
        #expect(crop.scalars == Array(all.scalars[range.lowerBound * 12..<range.upperBound * 12]))
      }
      let file = try store.file(named: name)
      #expect(file.samples == 320 * number && file.audioHash == .max - UInt64(number))
    }
  }

  private func numbers(frames: Int, width: Int, from start: Int) -> Tensor {
    Tensor((0..<frames * width).map { Float($0 &* 7919 % 10_007 + start) }, shape: [frames, width])
  }

  @Test func whatABrokenFileAddedIsTakenBack() throws {
    let folder = try FeatureFolder()
    let format = try FeatureFormat(
      of: .chroma12, by: FeatureKind.chroma12.frontEnd(sampleRate: 24_000))
    let writer = try FeatureStoreWriter(at: folder.store, format: format)
    let (first, second) = (
      numbers(frames: 300, width: 12, from: 1), numbers(frames: 7000, width: 12, from: 2)
    )
    try writer.append("a.wav", features: first, samples: 96_000, audioHash: 1)
    #expect(throws: AudioError.empty(path: "b.wav")) {
      try writer.append("b.wav", audioHash: 2) { add in
        try add(numbers(frames: 5000, width: 12, from: 3))
        throw AudioError.empty(path: "b.wav")
      }
    }
    try writer.append("b.wav", audioHash: 3) { add in
      try add(second.sliced(axis: 0, 0..<2990))
      try add(second.sliced(axis: 0, 2990..<7000))
      return 2_240_000
    }
    try writer.finish()
    let store = try FeatureStore(at: folder.store)
    #expect(store.files.map(\.name) == ["a.wav", "b.wav"] && store.frames == 7300)
    #expect(try store.file(named: "b.wav").audioHash == 3)
    for (name, features) in [("a.wav", first), ("b.wav", second)] {
      let isEqual = try store.features(of: name).scalars == features.scalars
      #expect(isEqual, "\(name)")
    }
  }

  @Test func severalThreadsReadAtOnce() async throws {
    let folder = try FeatureFolder(pieces: 4)
    _ = try folder.extraction(of: folder.manifest(pieces: 4)).run()
    let store = try FeatureStore(at: folder.store)
    let expected = try (0..<4).map { try store.features(of: "\($0).wav").scalars }
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<40 {
        group.addTask {
          try store.features(of: "\(number % 4).wav").scalars == expected[number % 4]
        }
      }
      for try await isEqual in group { #expect(isEqual) }
    }
  }

  @Test func anUnfinishedStoreLeavesNothing() throws {
    let folder = try FeatureFolder()
    let format = try FeatureFormat(of: .mel, by: FeatureKind.mel.frontEnd(sampleRate: 24_000))
    var writer: FeatureStoreWriter? = try FeatureStoreWriter(at: folder.store, format: format)
    try writer?.append(
      "a", features: numbers(frames: 9, width: 128, from: 0), samples: 0, audioHash: 0)
    #expect(
      complaint {
        try writer?.append(
          "a", features: numbers(frames: 9, width: 128, from: 0), samples: 0, audioHash: 0)
      } == "\(folder.store): the manifest names 'a' twice")
    writer = nil
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["music"])
  }
}

@Suite struct FeatureStoreErrorTests {
  @Test func aStaleOrForeignStoreIsRefused() throws {
    let folder = try FeatureFolder(pieces: 2)
    let manifest = folder.manifest(pieces: 2)
    _ = try folder.extraction(of: manifest).run()
    let (path, store) = (folder.store, try FeatureStore(at: folder.store))
    try store.check(manifest)
    #expect(
      complaint { try store.check(folder.manifest(["1.wav", "9.wav"])) }
        == "\(path): no features of '9.wav'; add them with 'etude features' or take it out of the "
        + "manifest")
    try folder.write(tone(seconds: 1.1, pitch: 261), to: "1.wav")
    #expect(
      complaint { try store.check(manifest) }
        == "\(path): '1.wav' changed after its features were computed; run 'etude features' again, "
        + "which computes what changed")
    let wanted = try ComputedFeatures(.chroma12, of: manifest, sampleRate: 24_000).format
    let expected =
      "\(path): holds mel of 16000 Hz with a hop of 160 samples, wanted is chroma12 of 24000 Hz "
      + "with a hop of 320 samples; run 'etude features chroma12' into another file"
    #expect(complaint { try store.check(wanted) } == expected)
    #expect(
      complaint {
        _ = try FeatureExtraction(.chroma12, of: manifest, into: path, sampleRate: 24_000).run()
      } == expected)
    #expect(
      complaint { _ = try FeatureStore(at: path + "x") }
        == "\(path)x: no such feature store; make it with 'etude features'")
  }

  @Test func whatIsNoFeatureStoreIsNotOverwritten() throws {
    let folder = try FeatureFolder(pieces: 1)
    let manifest = folder.manifest(pieces: 1)
    try ArrayFile.write([("codes", Tensor.zeros([1, 75]))], to: folder.store)
    let remedy = "; remove it and run 'etude features' again"
    #expect(
      complaint { _ = try folder.extraction(of: manifest).run() }
        == "\(folder.store): is an HDF5 file, but not a feature store" + remedy)
    try Data("my diary\n".utf8).write(to: URL(fileURLWithPath: folder.store))
    #expect(
      complaint { _ = try folder.extraction(of: manifest).run() }
        == "\(folder.store): is not an HDF5 file, or a truncated one" + remedy)
    #expect(try String(contentsOfFile: folder.store, encoding: .utf8) == "my diary\n")
  }

  @Test func everyCutAndEveryChangedByteIsNoticed() throws {
    let folder = try FeatureFolder(pieces: 2)
    _ = try folder.extraction(.chroma12, of: folder.manifest(pieces: 2)).run()
    let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.store))
    let whole = try content(of: folder.store)
    let path = folder.path + "/broken.h5"
    for share in stride(from: 0, to: bytes.count, by: bytes.count / 23) {
      try bytes.prefix(share).write(to: URL(fileURLWithPath: path))
      #expect(complaint { _ = try content(of: path) }.contains("broken.h5: "), "cut at \(share)")
    }
    var (noticed, harmless) = (0, 0)
    for place in stride(from: 8, to: bytes.count, by: bytes.count / 300) {
      var changed = bytes
      changed[place] ^= 0x41
      try changed.write(to: URL(fileURLWithPath: path))
      // Some bytes are padding between the pieces.
      if let read = try? content(of: path) {
        #expect(read == whole, "byte \(place)")
        harmless += 1
      } else {
        noticed += 1
      }
    }
    #expect(noticed > 10 * harmless / 10, "\(noticed) noticed, \(harmless) harmless")
  }

  private func content(of path: String) throws -> [[Float]] {
    let store = try FeatureStore(at: path)
    return try store.files.map { try store.features(of: $0.name).scalars }
  }
}
