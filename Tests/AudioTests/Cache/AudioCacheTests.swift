import Audio
import Files
import Foundation
import Synchronization
import Tensor
import TestSupport
import Testing

/// Decoded audio that runs share.
@Suite struct AudioCacheTests {
  private let folder: TestFolder
  private let music: URL
  private let cacheFolder: URL

  init() throws {
    folder = try TestFolder()
    music = folder.url.appendingPathComponent("music")
    cacheFolder = folder.url.appendingPathComponent("cache")
    try FileManager.default.createDirectory(at: music, withIntermediateDirectories: true)
    for file in 0..<4 { try write(file, to: "\(file).wav") }
  }

  /// Noise of another length and seed for each number, with a quarter of a second of silence.
  private func write(_ number: Int, to name: String) throws {
    var stream = RandomStream(seed: UInt64(number), purpose: .corpus)
    let samples = (0..<11_025 * (2 + number)).map { n in
      n < 2_756 ? 0 : Float.random(in: -0.5..<0.7, using: &stream)
    }
    try AudioFile.write(
      samples, sampleRate: 11_025, encoding: .float32, to: music.appendingPathComponent(name).path)
  }

  /// What a start did.
  private struct Start {
    var audio: any AudioSource
    var read = 0
    var decoded = 0
  }

  private func start(
    minimumSeconds: Double = 0.5, sampleRate: Int = 8_000, onDemand: Bool = false
  ) throws -> Start {
    let counts = Mutex((0, 0))
    let manifest = try Manifest.open(music.path).manifest
    let cache = try AudioCache(cacheFolder)
    let checking: ProgressHandler = { done, _ in counts.withLock { $0.0 = done } }
    let decoding: ProgressHandler = { done, _ in counts.withLock { $0.1 = done } }
    let audio: any AudioSource =
      if onDemand {
        try AudioFiles(
          manifest, sampleRate: sampleRate, in: cache, minimumSeconds: minimumSeconds,
          checking: checking, progress: decoding)
      } else {
        try CachedAudio(
          manifest, sampleRate: sampleRate, in: cache, minimumSeconds: minimumSeconds,
          checking: checking, decoding: decoding)
      }
    return counts.withLock { Start(audio: audio, read: $0.0, decoded: $0.1) }
  }

  private func decodedAudio() throws -> DecodedAudio {
    try DecodedAudio(
      Manifest.open(music.path).manifest, sampleRate: 8_000, scratchFolder: folder.path,
      minimumSeconds: 0.5)
  }

  private var samples: [URL] {
    get throws {
      try FileManager.default.subpathsOfDirectory(atPath: cacheFolder.path)
        .filter { $0.hasSuffix(".f32") }.sorted()
        .map { cacheFolder.appendingPathComponent($0) }
    }
  }

  @Test func cropsHaveTheBitsOfDecodedAudio() throws {
    let (first, plain) = (try start(), try decodedAudio())
    #expect(first.read == 4 && first.decoded == 4)
    for audio in [first.audio, try start().audio] {
      #expect(audio.files == plain.files && audio.sampleRate == 8_000)
      #expect(audio.silentSeconds == plain.silentSeconds)
      for (file, entry) in plain.files.enumerated() {
        for range in [0..<entry.samples, 5..<6, 1_000..<9_001, entry.samples - 3..<entry.samples] {
          let crop = try audio.crop(file: file, start: range.lowerBound, length: range.count)
          #expect(crop == plain.crop(file: file, start: range.lowerBound, length: range.count))
        }
        #expect(try audio.scale(of: file) == plain.scale(of: file))
      }
    }
  }

  @Test func theSecondStartReadsNothing() throws {
    _ = try start()
    let again = try start()
    #expect(again.read == 0 && again.decoded == 0)
    // Another rate has samples of its own, and the contents are known.
    let other = try start(sampleRate: 11_025)
    #expect(other.read == 0 && other.decoded == 4)
    #expect(other.audio.samples(of: 1) == 11_025 * 3)
  }

  @Test func onlyNewAndChangedFilesAreDecoded() throws {
    _ = try start()
    try write(7, to: "7.wav")
    try write(8, to: "0.wav")
    let grown = try start()
    #expect(grown.read == 2 && grown.decoded == 2 && grown.audio.count == 5)
    #expect(try grown.audio.crop(file: 0, start: 0, length: 8_000 * 10).count == 80_000)
    // A file that moved is read, but known by its content.
    try FileManager.default.moveItem(
      at: music.appendingPathComponent("3.wav"), to: music.appendingPathComponent("9.wav"))
    try FileManager.default.copyItem(
      at: music.appendingPathComponent("9.wav"), to: music.appendingPathComponent("copy.wav"))
    let moved = try start()
    #expect(moved.read == 2 && moved.decoded == 0 && moved.audio.count == 6)
    let (a, b) = (moved.audio.count - 2, moved.audio.count - 1)
    #expect(moved.audio.content(of: a)?.hash == moved.audio.content(of: b)?.hash)
  }

  @Test func damagedSamplesAreDecodedAgain() throws {
    let whole = try start().audio
    let files = try samples
    // Cut short, gone, a flipped bit, and a new date alone.
    let cut = try FileHandle(forWritingTo: files[0])
    try cut.truncate(atOffset: 400)
    try FileManager.default.removeItem(at: files[1])
    var bytes = try Data(contentsOf: files[2])
    bytes[1_000] ^= 1
    try bytes.write(to: files[2])
    let content = try Data(contentsOf: files[3])
    try content.write(to: files[3])

    let again = try start()
    #expect(again.read == 0 && again.decoded == 3)
    for file in 0..<4 {
      let count = whole.samples(of: file)
      #expect(
        try again.audio.crop(file: file, start: 0, length: count)
          == decodedAudio().crop(file: file, start: 0, length: count))
    }
    #expect(try start().decoded == 0)
  }

  @Test func decodingThatWasKilledGoesOn() throws {
    _ = try start()
    let files = try samples
    try FileManager.default.removeItem(at: files[0])
    // What a killed process leaves: an unfinished file, and half a line.
    let partial = files[0].deletingLastPathComponent().appendingPathComponent(".x.f32.abc.partial")
    try Data("half".utf8).write(to: partial)
    let logURL = cacheFolder.appendingPathComponent("8000-soxr/decoded.log")
    let log = try Data(contentsOf: logURL)
    try (log + Data("\nabc\t12".utf8)).write(to: logURL)
    let again = try start()
    #expect(again.decoded == 1)
    #expect(!FileManager.default.fileExists(atPath: partial.path))
    #expect(try start().decoded == 0, "the new record does not continue the half line")
  }

  @Test func unusableFilesAreRememberedWithTheirReasons() throws {
    try AudioFile.write(
      [Float](repeating: 0, count: 20_000), sampleRate: 8_000,
      to: music.appendingPathComponent("silent.wav").path)
    try Data("no audio at all, but a name".utf8).write(to: music.appendingPathComponent("text.wav"))
    let plain = try decodedAudio()
    #expect(plain.skipped.map(\.path) == ["silent.wav", "text.wav"])
    let first = try start()
    #expect(first.audio.skipped == plain.skipped && first.decoded == 6)
    let again = try start()
    #expect(again.audio.skipped == plain.skipped && again.decoded == 0)
    // The minimum is the run's, not the cache's.
    let long = try start(minimumSeconds: 3.5)
    #expect(long.audio.count == 2 && long.decoded == 0)
    #expect(long.audio.skipped.map(\.path) == ["0.wav", "1.wav", "silent.wav", "text.wav"])
    #expect(long.audio.skipped[0].reason.contains("too short, 2.0 s where at least 3.5 s"))
  }

  @Test func aFileThatCannotBeReadIsTriedAgain() throws {
    _ = try start()
    let link = music.appendingPathComponent("away.wav")
    try FileManager.default.createSymbolicLink(
      at: link, withDestinationURL: folder.url.appendingPathComponent("mounted.wav"))
    let away = try start()
    #expect(away.audio.skipped.map(\.path) == ["away.wav"])
    try FileManager.default.copyItem(
      at: music.appendingPathComponent("0.wav"),
      to: folder.url.appendingPathComponent("mounted.wav"))
    #expect(try start().audio.count == 5)
  }

  @Test func severalRunsAtOnceDecodeEachFileOnce() throws {
    let counts = Mutex(0)
    let errors = Mutex<[String]>([])
    let group = DispatchGroup()
    let (manifest, cache) = (try Manifest.open(music.path).manifest, try AudioCache(cacheFolder))
    for _ in 0..<3 {
      let thread = Thread {
        do {
          let own = Mutex(0)
          _ = try CachedAudio(
            manifest, sampleRate: 8_000, in: cache,
            decoding: { done, _ in own.withLock { $0 = done } })
          counts.withLock { $0 += own.withLock { $0 } }
        } catch {
          errors.withLock { $0.append("\(error)") }
        }
        group.leave()
      }
      group.enter()
      thread.start()
    }
    group.wait()
    #expect(errors.withLock { $0 } == [])
    #expect(counts.withLock { $0 } == 4)
  }

  @Test func aVanishedFileOfSamplesIsNamed() throws {
    let audio = try start().audio
    let file = try samples[0]
    for url in try samples { try FileManager.default.removeItem(at: url) }
    #expect {
      for number in 0..<4 { _ = try audio.crop(file: number, start: 0, length: 10) }
    } throws: {
      let text = "\($0)"
      return text.contains(file.deletingLastPathComponent().deletingLastPathComponent().path)
        && text.contains("no such file")
    }
  }

  /// Lengths and scales are kept; samples are not.
  @Test func onDemandNothingIsDecodedAtALaterStart() throws {
    let first = try start(onDemand: true)
    #expect(first.read == 4 && first.decoded == 4)
    let scales = try (0..<4).map { try first.audio.scale(of: $0) }
    let plain = try AudioFiles(
      Manifest.open(music.path).manifest, sampleRate: 8_000, lengthsAreKnown: false)
    for file in 0..<4 { #expect(try plain.scale(of: file) == scales[file]) }
    // Were a file decoded, its error would show.
    let hidden = try Data(contentsOf: music.appendingPathComponent("1.wav"))
    let again = try start(onDemand: true)
    try FileManager.default.removeItem(at: music.appendingPathComponent("1.wav"))
    #expect(again.read == 0 && again.decoded == 0)
    #expect(again.audio.files == plain.files)
    #expect(try (0..<4).map { try again.audio.scale(of: $0) } == scales)
    #expect(throws: AudioError.self) {
      _ = try again.audio.crop(file: 1, start: 0, length: 10)
    }
    try hidden.write(to: music.appendingPathComponent("1.wav"))
    #expect(
      try again.audio.crop(file: 1, start: 500, length: 900)
        == plain.crop(file: 1, start: 500, length: 900))
    #expect(try samples.isEmpty)
  }
}
