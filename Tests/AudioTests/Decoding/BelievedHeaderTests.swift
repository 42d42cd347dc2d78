import Audio
import Foundation
import TestSupport
import Testing

/// Files whose headers tell another length than that of their sound: read to their end, or named with
/// what is wrong.
@Suite struct BelievedHeaderTests {
  /// A file by its name, for short lists of tests.
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var make: @Sendable ([UInt8], [UInt8]) throws -> [UInt8]
    var words = ""

    var testDescription: String { name }

    init(
      _ name: String, _ words: String = "",
      _ make: @escaping @Sendable (_ little: [UInt8], _ big: [UInt8]) throws -> [UInt8]
    ) {
      (self.name, self.words, self.make) = (name, words, make)
    }
  }

  private static let integers = OddFiles.integers(20_000)
  private static let bytes = 40_000

  private func file(_ this: Case, in folder: TestFolder) throws -> String {
    let (little, big) = (
      OddFiles.pcm(Self.integers), OddFiles.pcm(Self.integers, isBig: true)
    )
    return try folder.write(Data(this.make(little, big)), to: "odd." + this.name.suffix(4))
  }

  // MARK: - PCM

  static let streamed = [
    Case("0.wav") { sound, _ in OddFiles.wav(sound, length: 0, riff: 0) },
    Case("0 with RIFF 36.wav") { sound, _ in OddFiles.wav(sound, length: 0, riff: 36) },
    Case("-1.wav") { sound, _ in OddFiles.wav(sound, length: 0xFFFF_FFFF, riff: 0xFFFF_FFFF) },
    Case("sox.wav") { sound, _ in OddFiles.wav(sound, length: 0x7FFF_F000) },
    Case("arecord.wav") { sound, _ in OddFiles.wav(sound, length: 0x8000_0000) },
    Case("RIFF 0.wav") { sound, _ in OddFiles.wav(sound, length: bytes, riff: 0) },
    Case("rf64 0.wav") { sound, _ in OddFiles.rf64(sound, length: 0) },
    Case("rf64 -1.wav") { sound, _ in OddFiles.rf64(sound, length: -1) },
    Case("bw64.wav") { sound, _ in OddFiles.rf64(sound, length: bytes, name: "BW64") },
    Case("0.w64") { sound, _ in OddFiles.w64(sound, length: 0) },
    Case("-1.w64") { sound, _ in OddFiles.w64(sound, length: .max - 24) },
    Case("0.aif") { _, sound in OddFiles.aiff(sound, length: 0, frames: 0) },
    Case("-1.aif") { _, sound in OddFiles.aiff(sound, length: -8, frames: -1) },
    Case("frames 0.aif") { _, sound in OddFiles.aiff(sound, length: bytes, frames: 0) },
    Case("few frames.aif") { _, sound in OddFiles.aiff(sound, length: bytes, frames: 9) },
    Case("0.au") { _, sound in OddFiles.au(sound, length: 0) },
    Case("-1.au") { _, sound in OddFiles.au(sound, length: -1) },
    Case("0.caf") { _, sound in OddFiles.caf(sound, length: 0) },
    Case("-1.caf") { _, sound in OddFiles.caf(sound, length: -1) },
    Case("list behind.wav") { sound, _ in
      OddFiles.wav(sound, length: bytes, tail: OddFiles.list(10))
    },
    Case("title behind.wav") { sound, _ in
      OddFiles.wav(sound, length: bytes, tail: OddFiles.titleBehind)
    },
    Case("zeros behind.wav") { sound, _ in
      OddFiles.wav(sound, length: bytes, tail: [UInt8](repeating: 0, count: 99))
    },
    Case("title in front.wav") { sound, _ in
      OddFiles.titleInFront + OddFiles.wav(sound, length: bytes)
    },
    Case("chunk behind.w64") { sound, _ in
      OddFiles.w64(
        sound, length: bytes,
        tail: Array("list".utf8) + OddFiles.list(10)[..<12] + OddFiles.number(24, 8))
    },
  ]

  @Test(arguments: streamed)
  func soundIsReadToItsEnd(this: Case) throws {
    let folder = try TestFolder()
    try expect(OddFiles.floats(Self.integers), of: file(this, in: folder))
  }

  /// Everything that tells a length, and everything that reads a stretch, agrees on what is there.
  private func expect(
    _ samples: [Float], of path: String, tolerance: Float = 0,
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    let file = try AudioFile(path)
    let whole = try file.samples()
    let isEqual =
      whole.count == samples.count
      && zip(whole, samples).allSatisfy { abs($0 - $1) <= tolerance }
    #expect(isEqual, "\(whole.count) of \(samples.count)", sourceLocation: location)
    try expectAgreement(on: whole, of: file, location)
  }

  private func expectAgreement(
    on whole: [Float], of file: AudioFile, _ location: SourceLocation = #_sourceLocation
  ) throws {
    #expect(file.frames == whole.count, sourceLocation: location)
    #expect(try file.count() == whole.count, sourceLocation: location)
    #expect(try file.check(minimumSeconds: 0) == whole.count, sourceLocation: location)
    #expect(try MeasuredFile(file.path).length == whole.count, sourceLocation: location)
    let measured = try MeasuredFile(file.path)
    for start in [0, whole.count / 3 + 7, whole.count - 500] {
      let crop = try measured.samples(in: start..<start + 500, at: file.sampleRate)
      let worst = zip(crop, whole[start...]).map { abs($0 - $1) }.max()!
      #expect(worst < 1e-6, "at \(start)", sourceLocation: location)
    }
  }

  static let lying = [
    Case("too long.wav", "truncated, 20000 of the 25000 frames") { sound, _ in
      OddFiles.wav(sound, length: bytes + 10_000)
    },
    Case("too long.w64", "truncated, 20000 of the 25000 frames") { sound, _ in
      OddFiles.w64(sound, length: bytes + 10_000)
    },
    Case("too long.rf64", "truncated, 20000 of the 25000 frames") { sound, _ in
      OddFiles.rf64(sound, length: bytes + 10_000)
    },
    Case("too long.aif", "truncated, 20000 of the 25000 frames") { _, sound in
      OddFiles.aiff(sound, length: bytes + 10_000, frames: 25_000)
    },
    Case("too long.au", "truncated, 20000 of the 25000 frames") { _, sound in
      OddFiles.au(sound, length: bytes + 10_000)
    },
    Case("too long.caf", "truncated, 20000 of the 25000 frames") { _, sound in
      OddFiles.caf(sound, length: bytes + 10_000)
    },
    Case("too short.wav", "counts 10000 bytes of sound and 30000 more follow") { sound, _ in
      OddFiles.wav(sound, length: 10_000)
    },
    Case("too short.au", "counts 10000 bytes of sound and 30000 more follow") { _, sound in
      OddFiles.au(sound, length: 10_000)
    },
    Case("too short.caf", "counts 10000 bytes of sound and 30000 more follow") { _, sound in
      OddFiles.caf(sound, length: 10_000)
    },
    Case("too short.w64", "counts 10000 bytes of sound and 30000 more follow") { sound, _ in
      OddFiles.w64(sound, length: 10_000)
    },
    Case("nothing.wav", "empty") { _, _ in
      OddFiles.wav([], length: 0, tail: OddFiles.list(10))
    },
    Case("1 Hz.wav", "its header says 1 Hz") { sound, _ in
      var bytes = OddFiles.wav(sound, length: bytes)
      bytes.replaceSubrange(24..<28, with: OddFiles.number(1, 4))
      return bytes
    },
  ]

  @Test(arguments: lying)
  func whatIsMissingIsNamed(this: Case) throws {
    let folder = try TestFolder()
    try expectRefusal(this.words, of: file(this, in: folder))
  }

  private func expectRefusal(
    _ words: String, of path: String, _ location: SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: AudioError.self, sourceLocation: location) {
      try AudioFile(path).check(minimumSeconds: 0)
    }
    let line = error?.description ?? ""
    #expect(
      line.hasPrefix(path + ": ") && line.contains(words) && !line.contains("\n"), "\(line)",
      sourceLocation: location)
  }

  // MARK: - FLAC

  static let flac = [
    Case("from a pipe") { _, _ in OddFiles.flac(try sound(), telling: 0) },
    Case("without lengths of blocks") { _, _ in
      OddFiles.flac(try sound(), telling: 0, blocks: false)
    },
    Case("telling too few") { _, _ in OddFiles.flac(try sound(), telling: 1000) },
    Case("between titles") { _, _ in
      OddFiles.titleInFront + (try sound()) + OddFiles.titleBehind
    },
    Case("before a picture") { _, _ in
      OddFiles.flac(try sound(), telling: 0) + OddFiles.pictureBehind
    },
    Case("in ogg") { _, _ in OddFiles.oggFLAC(try sound(), serial: 3) },
    Case("in ogg from a pipe") { _, _ in
      OddFiles.oggFLAC(OddFiles.flac(try sound(), telling: 0), serial: 3)
    },
  ]

  private static func sound() throws -> [UInt8] {
    try OddFiles.written("a.flac", frames: 20_000)
  }

  @Test(arguments: flac)
  func flacIsReadToItsEnd(this: Case) throws {
    let folder = try TestFolder()
    let plain = try folder.write(Data(Self.sound()), to: "plain.flac")
    try expect(AudioFile(plain).samples(), of: file(this, in: folder))
  }

  static let joined = [
    Case("flac") { _, _ in try sound() + sound() },
    Case("flac of other length") { _, _ in
      try sound() + OddFiles.written("b.flac", frames: 7000)
    },
    Case("flac from pipes") { _, _ in
      OddFiles.flac(try sound(), telling: 0) + OddFiles.flac(try sound(), telling: 0)
    },
    Case("flac in ogg") { _, _ in
      OddFiles.oggFLAC(try sound(), serial: 3) + OddFiles.oggFLAC(try sound(), serial: 4)
    },
    Case("vorbis") { _, _ in try vorbis() + OddFiles.written("b.ogg", frames: 7000) },
    Case("vorbis with itself") { _, _ in try vorbis() + vorbis() },
    Case("vorbis of two channels") { _, _ in
      try vorbis() + OddFiles.written("b.ogg", frames: 7000, channels: 2)
    },
    Case("vorbis and flac") { _, _ in try vorbis() + OddFiles.oggFLAC(sound(), serial: 3) },
  ]

  private static func vorbis() throws -> [UInt8] {
    try OddFiles.written("a.ogg", frames: 20_000)
  }

  /// Joined files give what they give one by one; here the first has 20,000 frames.
  @Test(arguments: joined)
  func joinedFilesAreReadOneAfterTheOther(this: Case) throws {
    let folder = try TestFolder()
    let path = try file(this, in: folder)
    let first = try folder.write(Data(Self.sound()), to: "first.flac")
    let whole = try AudioFile(path).samples()
    #expect([27_000, 40_000].contains(whole.count))
    let (head, tail) = (try AudioFile(first).samples(), whole[20_000...])
    // 20 dB, with loss.
    func isNear(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Bool {
      let (noise, power) = zip(a, b).reduce((Float(0), Float(0))) {
        ($0.0 + ($1.0 - $1.1) * ($1.0 - $1.1), $0.1 + $1.1 * $1.1)
      }
      return noise < 0.02 * power
    }
    #expect(isNear(whole[..<20_000], head[...]) && isNear(tail, head[...]))
    try expectAgreement(on: whole, of: AudioFile(path))
  }

  @Test func opusIsJoinedToo() throws {
    let folder = try TestFolder()
    let one = try OddFiles.written("a.opus", frames: 48_000, rate: 48_000)
    let path = try folder.write(Data(one + one), to: "two.opus")
    let whole = try AudioFile(path).samples()
    #expect(whole.count == 96_000)
    try expectAgreement(on: whole, of: AudioFile(path))
  }

  static let damaged = [
    Case("flac, counting too many", "truncated, 20000 of the 30000 frames") { _, _ in
      OddFiles.flac(try sound(), telling: 30_000)
    },
    Case("flac from a pipe, cut", "truncated, its end is missing after") { _, _ in
      Array(OddFiles.flac(try sound(), telling: 0).dropLast(900))
    },
    Case("flac in ogg, cut", "truncated") { _, _ in
      Array(OddFiles.oggFLAC(OddFiles.flac(try sound(), telling: 0), serial: 3).dropLast(900))
    },
    Case("flac without end of header", "its header is incomplete") { _, _ in
      Array(try sound().prefix(60))
    },
    Case("vorbis and a part of one", "truncated, its end is missing after") { _, _ in
      try vorbis() + vorbis().dropLast(900)
    },
    Case("vorbis of two rates", "part 2 of 2 has 16000 Hz, the first 8000 Hz") { _, _ in
      try vorbis() + OddFiles.written("b.ogg", frames: 7000, rate: 16_000)
    },
    Case("vorbis with a wrong bit", "the checksum of the page at byte") { _, _ in
      var bytes = try vorbis()
      bytes[bytes.count - 2000] ^= 4
      return bytes
    },
    Case("vorbis without a page", "follows page") { _, _ in
      try OddFiles.written("a.ogg", frames: 600_000, rate: 44_100).withoutPage(fromEnd: 1)
    },
    Case("two streams at once", "2 streams play at once in part 1 of 1") { _, _ in
      let a = OddFiles.oggFLAC(try sound(), serial: 3)
      let b = OddFiles.oggFLAC(try sound(), serial: 4)
      let head = OggPages.ranges(of: a)[0]
      let heads: [UInt8] = Array(a[head]) + Array(b[head])
      return heads + Array(a[head.upperBound...]) + Array(b[head.upperBound...])
    },
  ]

  @Test(arguments: damaged)
  func whatIsMissingInStreamsIsNamed(this: Case) throws {
    let folder = try TestFolder()
    try expectRefusal(this.words, of: file(this, in: folder))
  }

  @Test func aFrameOfFLACThatIsMissingIsNamed() throws {
    let folder = try TestFolder()
    var bytes = try OddFiles.written("a.flac", frames: 60_000)
    let frames = bytes.indices.dropLast(2).filter {
      bytes[$0] == 0xFF && bytes[$0 + 1] == 0xF8 && bytes[$0 + 2] == bytes[$0 + 2] & 0xF0 | 0x04
    }
    try #require(frames.count > 4)
    bytes.removeSubrange(frames[2]..<frames[3])
    expectRefusal("damaged", of: try folder.write(Data(bytes), to: "a.flac"))
  }

  @Test func junkBehindTheLastPageIsNoSound() throws {
    let folder = try TestFolder()
    let plain = try folder.write(Data(Self.vorbis()), to: "plain.ogg")
    let junk = try folder.write(
      Data(Self.vorbis() + [UInt8](repeating: 0x6A, count: 999)), to: "junk.ogg")
    try expect(AudioFile(plain).samples(), of: junk)
  }

  /// The length that libsndfile and libmpg123 guess is that of 320 kbit/s: a tenth of it is real.
  @Test func mp3OfVaryingRateIsReadToItsEnd() throws {
    let folder = try TestFolder()
    let frames =
      (0..<3).map { _ in OddFiles.silentFrame(320) }
      + (0..<200).map { _ in OddFiles.silentFrame(32) }
    let path = try folder.write(Data(frames.joined()), to: "vbr.mp3")
    #expect(try AudioFile(path).frames == 203 * 1152)
    #expect(try AudioFile(path).count() == 203 * 1152)
  }

  static let mp3 = [
    Case("counting too few") { mp3, _ in try counting(20, in: mp3) },
    Case("counting none") { mp3, _ in try counting(0, in: mp3) },
    Case("counting too many") { mp3, _ in try counting(90_000, in: mp3) },
    Case("between titles") { mp3, _ in OddFiles.titleInFront + mp3 + OddFiles.titleBehind },
    Case("before a picture") { mp3, _ in mp3 + OddFiles.pictureBehind },
    Case("behind zeros") { mp3, _ in [UInt8](repeating: 0, count: 4096) + mp3 },
    Case("around junk") { mp3, _ in
      // Between two frames: the same rate and channels.
      let middle = mp3.indices.dropFirst(mp3.count / 2).first {
        mp3[$0] == 0xFF && mp3[$0 + 1] == mp3[1] && mp3[$0 + 2] & 0x0C == mp3[2] & 0x0C
          && mp3[$0 + 3] == mp3[3]
      }!
      return mp3[..<middle] + [UInt8](repeating: 0x71, count: 5000) + mp3[middle...]
    },
  ]

  private static func counting(_ frames: Int, in mp3: [UInt8]) throws -> [UInt8] {
    var mp3 = mp3
    let tag = try #require(OddFiles.tag(of: mp3))
    mp3.replaceSubrange(tag + 8..<tag + 12, with: OddFiles.number(frames, 4, isBig: true))
    return mp3
  }

  /// At most the silence that an encoder puts before and behind is more, 3 frames.
  @Test(arguments: mp3)
  func mp3IsReadToItsEnd(this: Case) throws {
    let folder = try TestFolder()
    let sound = try OddFiles.written("a.mp3", frames: 132_300, rate: 44_100)
    let path = try folder.write(Data(this.make(sound, sound)), to: "odd.mp3")
    let whole = try AudioFile(path).samples()
    #expect((132_300...132_300 + 3 * 1152).contains(whole.count), "\(whole.count)")
    try expectAgreement(on: whole, of: AudioFile(path))
  }

  @Test func mp3IsJoined() throws {
    let folder = try TestFolder()
    let mono = try OddFiles.written("a.mp3", frames: 44_100, rate: 44_100)
    let stereo = try OddFiles.written("b.mp3", frames: 88_200, rate: 44_100, channels: 2)
    for (name, bytes) in [("a", mono + stereo), ("b", stereo + OddFiles.titleBehind + mono)] {
      let path = try folder.write(Data(bytes), to: name + ".mp3")
      let whole = try AudioFile(path).samples()
      #expect((132_300...132_300 + 6 * 1152).contains(whole.count), "\(name): \(whole.count)")
      try expectAgreement(on: whole, of: AudioFile(path))
    }
    let slow = try OddFiles.written("c.mp3", frames: 22_050, rate: 22_050)
    let path = try folder.write(Data(mono + slow), to: "rates.mp3")
    expectRefusal("its sample rate changes from 44100 to 22050 Hz", of: path)
  }

  @Test func mp3IsReadOutOfWav() throws {
    let folder = try TestFolder()
    let sound = try OddFiles.written("a.mp3", frames: 44_100, rate: 44_100)
    var bytes = OddFiles.wav(sound, length: sound.count)
    bytes.replaceSubrange(20..<22, with: [0x55, 0])
    let path = try folder.write(Data(bytes), to: "mp3.wav")
    #expect(try AudioFile(path).count() == 44_100)
    let cut = try folder.write(Data(bytes.dropLast(2000)), to: "cut.wav")
    expectRefusal("truncated", of: cut)
  }

  /// Whatever libmpg123 finds odd, it prints nothing.
  @Test func nothingIsPrinted() async {
    await #expect(processExitsWith: .success) {
      let folder = try TestFolder()
      var mp3 = try OddFiles.written("a.mp3", frames: 132_300, rate: 44_100)
      let tag = try #require(OddFiles.tag(of: mp3))
      mp3.replaceSubrange(tag + 8..<tag + 16, with: OddFiles.number(20, 8, isBig: true))
      for i in 9000..<12_000 { mp3[i] = UInt8(truncatingIfNeeded: i &* 77) }
      let path = try folder.write(Data(mp3), to: "a.mp3")
      let log = folder.path("stderr")
      let kept = dup(2)
      dup2(open(log, O_WRONLY | O_CREAT, 0o600), 2)
      _ = try? AudioFile(path).check(minimumSeconds: 0)
      _ = try? MeasuredFile(path)
      dup2(kept, 2)
      let printed = try String(contentsOfFile: log, encoding: .utf8)
      precondition(printed.isEmpty, printed)
    }
  }

  // MARK: - Collections

  /// A folder's list, a scan, and both ways to read give the same lengths.
  @Test func listsAndSourcesAgree() throws {
    let folder = try TestFolder()
    let sound = OddFiles.pcm(Self.integers)
    try folder.write(Data(OddFiles.wav(sound, length: 0, riff: 0)), to: "a.wav")
    try folder.write(Data(OddFiles.flac(Self.sound(), telling: 0)), to: "b.flac")
    try folder.write(Data(Self.vorbis() + Self.vorbis()), to: "c.ogg")
    let silence: [UInt8] =
      OddFiles.silentFrame(320) + (0..<99).flatMap { _ in OddFiles.silentFrame(32) }
    let mp3 = try OddFiles.written("a.mp3", frames: 44_100, rate: 44_100)
    try folder.write(Data(silence + mp3), to: "d.mp3")
    let (list, scan) = (try Manifest.open(folder.path), try Manifest.scan(folder.path))
    #expect(list.manifest.entries.map(\.path) == scan.manifest.entries.map(\.path))
    #expect(list.skipped.isEmpty && scan.skipped.isEmpty)
    #expect(scan.manifest.entries.map(\.samples)[..<3] == [20_000, 20_000, 40_000])
    let ahead = try DecodedAudio(list.manifest, sampleRate: 8000, scratchFolder: folder.path)
    for isKnown in [true, false] {
      let onDemand = try AudioFiles(
        isKnown ? scan.manifest : list.manifest, sampleRate: 8000, lengthsAreKnown: isKnown)
      #expect(onDemand.files == ahead.files)
      for file in 0..<4 {
        let start = ahead.samples(of: file) / 2
        let (a, b) = (
          ahead.crop(file: file, start: start, length: 4000),
          try onDemand.crop(file: file, start: start, length: 4000)
        )
        #expect(zip(a, b).allSatisfy { abs($0 - $1) < 1e-6 }, "file \(file)")
      }
    }
  }
}

extension [UInt8] {
  /// Without one page of ogg, counted from the last.
  fileprivate func withoutPage(fromEnd number: Int) -> [UInt8] {
    let pages = OggPages.ranges(of: self)
    let page = pages[pages.count - 1 - number]
    return Array(self[..<page.lowerBound] + self[page.upperBound...])
  }
}
