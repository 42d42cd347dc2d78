import Audio
import Files
import Foundation
import TestSupport
import Testing

/// Audio in tar files, read without unpacking.
@Suite struct TarArchiveTests {
  private let folder: TestFolder
  private let long = String(repeating: "folder/", count: 20) + "ünï.wav"

  init() throws { folder = try TestFolder() }

  /// The bytes of a file of two seconds.
  private func audio(_ name: String) throws -> [UInt8] {
    let path = folder.path("plain-" + name.replacing("/", with: "-").suffix(40))
    try AudioFile.write(
      tones(48_000, sampleRate: 24_000), sampleRate: 24_000, to: path)
    return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  private func open(_ tar: TarFile, as name: String = "music/s.tar") throws -> Manifest.Scan {
    try folder.write(Data(tar.bytes), to: name)
    return try Manifest.open(folder.path("music"))
  }

  @Test(arguments: ["a.wav", "b.flac", "c.ogg", "d.mp3", "e.opus"])
  func aMemberDecodesAsTheFile(name: String) throws {
    let bytes = try audio(name)
    var tar = TarFile()
    tar.add("first.json", Array("{}".utf8))
    tar.add(name, bytes)
    tar.add("other.wav", try audio("other.wav"))
    tar.end()
    let scan = try open(tar)
    #expect(scan.manifest.entries.map(\.path) == ["s.tar/\(name)", "s.tar/other.wav"].sorted())
    #expect(scan.skipped.isEmpty)
    let (member, plain) = (folder.path("music/s.tar/\(name)"), folder.path("plain-\(name)"))
    #expect(try AudioFile(member).samples() == AudioFile(plain).samples())
    #expect(try ContentHash.ofFile(at: member) == ContentHash.ofFile(at: plain))
    let length = try AudioFile(plain).count()
    #expect(
      try AudioFile(member).samples(in: length - 900..<length - 100)
        == AudioFile(plain).samples(in: length - 900..<length - 100))
    #expect(try AudioStream(member, sampleRate: 8_000).next() != nil)
  }

  @Test func everyWayToWriteANameIsRead() throws {
    let bytes = try audio("x.wav")
    var tar = TarFile()
    tar.header("folder/", size: 0, type: "5")
    tar.add("./short.wav", bytes)
    tar.add(String(repeating: "p", count: 150) + "/prefix.wav", bytes, .prefix)
    tar.add(long, bytes, .pax)
    tar.add("gnu/" + long, bytes, .gnu)
    tar.add("link.wav", [], type: "2")
    tar.add(".hidden.wav", bytes)
    tar.add("no-extension", bytes)
    tar.add("labels.json", Array("[]".utf8))
    tar.header("big.wav", size: 0, type: "0", sizeField: base256(bytes.count))
    var whole = tar.bytes + bytes
    whole += [UInt8](repeating: 0, count: 512 - whole.count % 512)
    try folder.write(Data(whole), to: "music/s.tar")
    let scan = try Manifest.scan(folder.path("music"))
    #expect(
      Set(scan.manifest.entries.map(\.path))
        == Set(
          [
            "short.wav", String(repeating: "p", count: 150) + "/prefix.wav", long, "gnu/" + long,
            "big.wav",
          ]
          .map { "s.tar/" + $0 }))
    #expect(scan.manifest.entries.allSatisfy { $0.samples == 48_000 } && scan.skipped.isEmpty)
  }

  private func base256(_ value: Int) -> [UInt8] {
    [0x80] + (0..<11).map { $0 < 3 ? 0 : UInt8(truncatingIfNeeded: value >> (8 * (10 - $0))) }
  }

  @Test func aCollectionOfShardsIsLikeAFolder() throws {
    for shard in 0..<3 {
      var tar = TarFile()
      for file in 0..<3 {
        let name = "\(shard)-\(file)"
        let samples = tones(9_000 + 100 * file, sampleRate: 8_000)
        try AudioFile.write(samples, sampleRate: 8_000, to: folder.path("x.wav"))
        let bytes = Array(try Data(contentsOf: folder.url.appendingPathComponent("x.wav")))
        tar.add("\(name).wav", bytes)
        tar.add("\(name).json", Array("{}".utf8))
        try folder.write(Data(bytes), to: "plain/\(shard).tar/\(name).wav")
      }
      tar.end()
      try folder.write(Data(tar.bytes), to: "music/\(shard).tar")
    }
    let (shards, plain) = (
      try Manifest.open(folder.path("music")), try Manifest.open(folder.path("plain"))
    )
    #expect(shards.manifest.entries == plain.manifest.entries && shards.manifest.entries.count == 9)
    let cache = try AudioCache(folder.url.appendingPathComponent("cache"))
    let sources: [any AudioSource] = [
      try DecodedAudio(shards.manifest, sampleRate: 8_000, scratchFolder: folder.path),
      try AudioFiles(shards.manifest, sampleRate: 8_000, lengthsAreKnown: false),
      try CachedAudio(shards.manifest, sampleRate: 8_000, in: cache),
      try AudioFiles(shards.manifest, sampleRate: 8_000, in: cache),
    ]
    let expected = try DecodedAudio(
      plain.manifest, sampleRate: 8_000, scratchFolder: folder.path)
    for audio in sources {
      #expect(audio.files == expected.files)
      for file in 0..<9 {
        #expect(
          try audio.crop(file: file, start: 1_000, length: 4_000)
            == expected.crop(file: file, start: 1_000, length: 4_000))
      }
    }
    // One shard alone, and a manifest.
    #expect(
      try Manifest.open(folder.path("music/1.tar")).manifest.entries.map(\.path) == [
        "1.tar/1-0.wav", "1.tar/1-1.wav", "1.tar/1-2.wav",
      ])
    try Manifest.scan(folder.path("music")).manifest.write(to: folder.path("music.tsv"))
    #expect(try Manifest.open(folder.path("music.tsv")).manifest.entries.count == 9)
  }

  /// As `cat a.tar b.tar` puts them: the zeros that end an archive lie between its members and those of the next.
  @Test func archivesBehindTheFirstAreRead() throws {
    var tar = TarFile()
    for name in ["a.wav", "b.wav", "c.wav"] {
      tar.add(name, try audio(name), .pax)
      tar.end()
    }
    let paths = ["s.tar/a.wav", "s.tar/b.wav", "s.tar/c.wav"]
    #expect(try open(tar).manifest.entries.map(\.path) == paths)
    #expect(try AudioFile(folder.path("music/s.tar/b.wav")).count() == 48_000)
    // Nothing is lost with zeros that are cut off.
    try folder.write(Data(tar.bytes.dropLast(700)), to: "music/s.tar")
    #expect(try Manifest.open(folder.path("music")).manifest.entries.map(\.path) == paths)
  }

  @Test func aMemberThatIsNotThere() throws {
    var tar = TarFile()
    tar.add("a.wav", try audio("a.wav"))
    tar.end()
    _ = try open(tar)
    let path = folder.path("music/s.tar/b.wav")
    #expect(throws: AudioError.missing(path: path)) { try AudioFile(path) }
  }

  @Test func damagedArchivesAreLeftOutWithAReason() throws {
    var tar = TarFile()
    tar.add("a.wav", try audio("a.wav"))
    let whole = tar.bytes
    func reason(_ bytes: [UInt8]) throws -> String {
      let name = "music/s.tar"
      try folder.write(Data(bytes), to: name)
      let error = #expect(throws: AudioError.self) { try Manifest.open(folder.path(name)) }
      #expect(throws: AudioError.self) { try Manifest.open(folder.path("music")) }
      let text = error.map { "\($0)" } ?? ""
      #expect(text.hasPrefix(folder.path(name)) && !text.contains("\n"), "\(text)")
      return error?.reason ?? ""
    }
    #expect(try reason(Array(whole.prefix(2_000))).contains("its end is missing in 'a.wav'"))
    #expect(try reason(Array(whole.prefix(300))).contains("its end is missing"))
    #expect(try reason([]).contains("its end is missing"))
    #expect(try reason(Array("a shopping list".utf8) + whole).contains("no tar header at byte 0"))
    var flipped = whole
    flipped[3] ^= 1
    #expect(try reason(flipped).contains("no tar header at byte 0"))
    #expect(try reason(whole + whole).contains("it holds 'a.wav' twice"))
    let end = [UInt8](repeating: 0, count: 1_024)
    #expect(try reason(whole + end + whole + end).contains("it holds 'a.wav' twice"))
    let noise = [UInt8](repeating: 1, count: 512)
    #expect(
      try reason(whole + end + noise).contains("no tar header at byte \(whole.count + end.count)"))

    var odd = TarFile()
    odd.header("a.wav", size: 0, type: "0", sizeField: [0xFF] + [UInt8](repeating: 0xFF, count: 11))
    #expect(try reason(odd.bytes).contains("no valid size"))
    odd = TarFile()
    odd.header("a.wav", size: 0, type: "0", sizeField: base256(Int.max >> 8))
    #expect(try reason(odd.bytes).contains("its end is missing in 'a.wav'"))
    odd = TarFile()
    odd.header("a.wav", size: 512, type: "S")
    #expect(try reason(odd.bytes).contains("sparse"))
    odd = TarFile()
    odd.paxRecords(["size": "-5"])
    #expect(try reason(odd.bytes).contains("impossible size"))
    odd = TarFile()
    odd.header("x", size: 9_000_000_000 - 1, type: "L", sizeField: base256(9_000_000_000))
    #expect(try reason(odd.bytes).contains("its end is missing"))
  }

  @Test func compressedArchivesAreReported() throws {
    try folder.write(Data([0x1F, 0x8B]), to: "music/s.tar.gz")
    var tar = TarFile()
    tar.add("a.wav", try audio("a.wav"))
    let scan = try open(tar)
    #expect(scan.skipped.map(\.path) == ["s.tar.gz"])
    #expect(scan.skipped[0].reason.contains("decompress it"))
  }
}
