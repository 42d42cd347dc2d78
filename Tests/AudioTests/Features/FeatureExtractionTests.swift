import Audio
import Foundation
import HDF5
import MusicSupport
import Synchronization
import Tensor
import TestSupport
import Testing

@Suite struct FeatureExtractionTests {
  @Test func badFilesAreNamedAndLeftOut() throws {
    let folder = try FeatureFolder(pieces: 2)
    try folder.write(Array(repeating: 0, count: 16_000), to: "silent.wav")
    try folder.write(tone(seconds: 1, pitch: 440) + [.nan, 0], to: "nan.wav")
    try Data().write(to: URL(fileURLWithPath: folder.music + "/empty.wav"))
    let sound = try Data(contentsOf: URL(fileURLWithPath: folder.music + "/1.wav"))
    try sound.prefix(30_000).write(to: URL(fileURLWithPath: folder.music + "/cut.wav"))
    let notices = Mutex<[String]>([])
    let names = ["silent.wav", "0.wav", "nan.wav", "empty.wav", "1.wav", "cut.wav", "gone.wav"]
    let summary = try folder.extraction(of: folder.manifest(names)).run { stage in
      guard case .skipped(let file, let reason) = stage else { return }
      notices.withLock { $0.append("\(file): \(reason)") }
    }
    let seen = notices.withLock { $0 }
    #expect(summary.files == 2 && summary.skipped == 5 && summary.kept == 0)
    #expect(summary.frames == 101 + 111)
    for (notice, expected) in zip(
      seen,
      [
        "silent.wav: silent", "nan.wav: a sample at 1.0 s is NaN", "empty.wav: empty",
        "cut.wav: truncated", "gone.wav: no such file",
      ])
    {
      #expect(notice.hasPrefix(expected), "\(notice)")
    }
    #expect(seen.count == 5)
    #expect(try FeatureStore(at: folder.store).files.map(\.name) == ["0.wav", "1.wav"])
  }

  @Test func withoutOneUsableFileThereIsNoStore() throws {
    let folder = try FeatureFolder()
    try folder.write(Array(repeating: 0, count: 16_000), to: "silent.wav")
    let text = complaint { _ = try folder.extraction(of: folder.manifest(["silent.wav"])).run() }
    #expect(text.hasPrefix("\(folder.music): none of its 1 audio files can be used: "))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["music"])
  }

  @Test func aFinishedStoreIsBroughtUpToDate() throws {
    let folder = try FeatureFolder(pieces: 4)
    let first = try folder.extraction(of: folder.manifest(pieces: 3)).run()
    #expect(first.files == 3 && first.kept == 0 && first.dropped == 0)
    let time = try modified(folder.store)
    let again = try folder.extraction(of: folder.manifest(pieces: 3)).run()
    #expect(again.files == 3 && again.kept == 3 && again.frames == first.frames)
    #expect(try modified(folder.store) == time)
    try folder.write(tone(seconds: 2, pitch: 500), to: "1.wav")
    let manifest = folder.manifest(["1.wav", "2.wav", "3.wav"])
    let later = try folder.extraction(of: manifest).run()
    #expect(later.files == 3 && later.kept == 1 && later.dropped == 1)
    try expectWhole(folder, manifest)
  }

  private func modified(_ path: String) throws -> Date? {
    try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
  }

  /// The store holds what a computation gives, of every file of the manifest, and nothing is left
  /// beside it.
  private func expectWhole(_ folder: FeatureFolder, _ manifest: Manifest) throws {
    let store = try FeatureStore(at: folder.store)
    try store.check(manifest)
    let computed = try ComputedFeatures(.mel, of: manifest, sampleRate: 16_000, frameRate: 100)
    #expect(store.files.map(\.name) == manifest.entries.map(\.path))
    for entry in manifest.entries {
      let (a, b) = (try store.features(of: entry.path), try computed.features(of: entry.path))
      #expect(a.scalars == b.scalars, "\(entry.path)")
    }
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(left == ["features.h5", "music"])
  }

  @Test func aKilledRunGoesOn() async throws {
    let folder = try FeatureFolder(pieces: 6)
    let manifest = folder.manifest(pieces: 6)
    let path = folder.path
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      try killedRun(in: path) { if case .computing(3, _) = $0 { kill(getpid(), SIGKILL) } }
    }
    #expect(!FileManager.default.fileExists(atPath: folder.store))
    #expect(try partNames(folder).count >= 3)
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      try killedRun(in: path) { if case .joining(4, _) = $0 { kill(getpid(), SIGKILL) } }
    }
    #expect(!FileManager.default.fileExists(atPath: folder.store))
    #expect(try partNames(folder).count == 6)
    // A part cut short and one of other audio are computed again.
    let part = "\(folder.parts)/\(try partNames(folder)[2])"
    let bytes = try Data(contentsOf: URL(fileURLWithPath: part))
    try bytes.prefix(bytes.count * 2 / 3).write(to: URL(fileURLWithPath: part))
    let summary = try folder.extraction(of: manifest).run()
    #expect(summary.files == 6 && summary.kept == 5)
    try expectWhole(folder, manifest)
  }

  /// The finished parts; what a killed process left half-written has another ending.
  private func partNames(_ folder: FeatureFolder) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.parts)
      .filter { $0.hasSuffix(".h5") && $0 != "store.h5" }.sorted()
  }

  @Test func twoRunsDoNotFillOneStore() throws {
    let folder = try FeatureFolder(pieces: 1)
    let extraction = try folder.extraction(of: folder.manifest(pieces: 1))
    let texts = Mutex<[String]>([])
    _ = try extraction.run { stage in
      guard case .computing = stage else { return }
      let text = complaint { _ = try extraction.run() }
      texts.withLock { $0.append(text) }
    }
    let text = try #require(texts.withLock { $0 }.first)
    #expect(text.hasPrefix("\(folder.store): another process works here (process "))
    #expect(text.hasSuffix("); wait until it has ended, or choose another place"))
  }

  /// The file that a link leads to may be on another disk: what is computed so far lies beside it, and the link stays.
  @Test func aStoreMayBeALink() throws {
    let folder = try FeatureFolder(pieces: 2)
    let disk = folder.path + "/disk"
    let files = FileManager.default
    try files.createDirectory(atPath: disk, withIntermediateDirectories: true)
    _ = try folder.extraction(of: folder.manifest(pieces: 1)).run()
    try files.moveItem(atPath: folder.store, toPath: disk + "/store.h5")
    try files.createSymbolicLink(
      atPath: folder.store, withDestinationPath: disk + "/store.h5")
    let seen = Mutex<[[String]]>([])
    let summary = try folder.extraction(of: folder.manifest(pieces: 2)).run { event in
      guard case .computing = event else { return }
      let names = (try? FileManager.default.contentsOfDirectory(atPath: disk)) ?? []
      seen.withLock { $0.append(names.sorted()) }
    }
    #expect(summary.files == 2 && summary.kept == 1)
    let all = seen.withLock { $0 }
    #expect(!all.isEmpty && all.allSatisfy { $0 == ["store.h5", "store.h5.parts"] }, "\(all)")
    #expect(try files.contentsOfDirectory(atPath: disk) == ["store.h5"])
    #expect(try files.destinationOfSymbolicLink(atPath: folder.store) == disk + "/store.h5")
    #expect(try FeatureStore(at: disk + "/store.h5").files.map(\.name) == ["0.wav", "1.wav"])
    let left = try files.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(left == ["disk", "features.h5", "music"])
  }

  @Test func aFileThatIsNamedTwiceIsSaid() throws {
    let folder = try FeatureFolder(pieces: 1)
    #expect(
      complaint { _ = try folder.extraction(of: folder.manifest(["0.wav", "0.wav"])).run() }
        == "\(folder.store): the manifest names '0.wav' twice")
  }

  @Test func aFolderThatCannotBeWrittenIsNamed() throws {
    let folder = try FeatureFolder(pieces: 1)
    let extraction = try FeatureExtraction(
      .mel, of: folder.manifest(pieces: 1), into: folder.path + "/no/such/f.h5",
      sampleRate: 16_000, frameRate: 100)
    // A folder for the parts would be made; a file in its way cannot.
    try Data().write(to: URL(fileURLWithPath: folder.path + "/no"))
    #expect(
      complaint { _ = try extraction.run() }
        == "\(folder.path)/no: is not a folder; choose another place")
  }
}

/// A run over the six pieces in `path` that does not survive `watch`.
private func killedRun(
  in path: String, watch: @escaping (FeatureExtraction.Event) -> Void
) throws {
  let names = (0..<6).map { Manifest.Entry(path: "\($0).wav", samples: 1) }
  _ = try FeatureExtraction(
    .mel, of: Manifest(root: path + "/music", entries: names), into: path + "/features.h5",
    sampleRate: 16_000, frameRate: 100
  ).run(watch: watch)
}
