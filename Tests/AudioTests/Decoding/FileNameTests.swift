import Audio
import Corpus
import Foundation
import TestSupport
import Testing

/// Names that are not UTF-8, and names that differ in bytes and not as text.
@Suite struct FileNameTests {
  private static let latin: [UInt8] = Array("caf".utf8) + [0xE9] + Array(".wav".utf8)

  /// Writes a sound file under a name of bytes.
  private func write(_ name: [UInt8], frames: Int, in folder: TestFolder) throws {
    let plain = folder.path("plain.wav")
    try AudioFile.write(tones(frames, sampleRate: 8000), sampleRate: 8000, to: plain)
    let target = Array(folder.path.utf8) + [UInt8(ascii: "/")] + name
    let moved = (target + [0]).withUnsafeBytes {
      rename(plain, $0.baseAddress!.assumingMemoryBound(to: CChar.self))
    }
    try #require(moved == 0)
  }

  @Test func bytesThatAreNoTextAreWrittenInHexadecimal() {
    #expect(FileName.text(Self.latin) == "caf\\xE9.wav")
    #expect(FileName.text(Array("é 🎹.wav".utf8)) == "é 🎹.wav")
    #expect(FileName.text([0xC3, 0xA9, 0xE9, 0xC3]) == "é\\xE9\\xC3")
  }

  @Test func namesInLatin1AreListedAndRead() throws {
    let folder = try TestFolder()
    try write(Self.latin, frames: 16_000, in: folder)
    let inner = Array(folder.path.utf8) + Array("/M".utf8) + [0xFC]
    (inner + [0]).withUnsafeBytes {
      _ = mkdir($0.baseAddress!.assumingMemoryBound(to: CChar.self), 0o700)
    }
    try write([UInt8(ascii: "M"), 0xFC] + Array("/a.wav".utf8), frames: 12_000, in: folder)
    let scan = try Manifest.scan(folder.path)
    #expect(
      scan.manifest.entries == [
        .init(path: "M\\xFC/a.wav", samples: 12_000), .init(path: "caf\\xE9.wav", samples: 16_000),
      ])
    try scan.manifest.write(to: folder.path("list.tsv"))
    let list = try Manifest.open(folder.path("list.tsv"))
    let audio = try AudioFiles(list.manifest, sampleRate: 8000, lengthsAreKnown: true)
    #expect(audio.samples(of: 1) == 16_000)
    #expect(try AudioFile(folder.path("caf\\xE9.wav")).count() == 16_000)
    #expect(throws: AudioError.missing(path: folder.path("th\\xE9.wav"))) {
      try AudioFile(folder.path("th\\xE9.wav"))
    }
  }

  /// The cache takes the stamp of a file by the bytes of its name, as the decoder opens it.
  @Test func namesInLatin1AreCached() throws {
    let folder = try TestFolder()
    try write(Self.latin, frames: 16_000, in: folder)
    let manifest = try Manifest.open(folder.path).manifest
    let cache = try AudioCache(folder.url.appendingPathComponent("cache"))
    for _ in 0..<2 {
      let sources: [any AudioSource] = [
        try CachedAudio(manifest, sampleRate: 8000, in: cache),
        try AudioFiles(manifest, sampleRate: 8000, in: cache),
      ]
      for audio in sources {
        #expect(audio.files == [.init(path: "caf\\xE9.wav", samples: 16_000)])
        #expect(try audio.crop(file: 0, start: 8_000, length: 80).count == 80)
      }
    }
  }

  /// On disk these are two files; as text they are equal.
  @Test func namesThatAreEqualAsTextStayApart() throws {
    let folder = try TestFolder()
    let (one, two) = ("\u{E9}.wav", "e\u{301}.wav")
    try write(Array(one.utf8), frames: 16_000, in: folder)
    try write(Array(two.utf8), frames: 12_000, in: folder)
    let scan = try Manifest.scan(folder.path)
    let lengths = Dictionary(
      uniqueKeysWithValues: scan.manifest.entries.map { (Array($0.path.utf8), $0.samples) })
    #expect(lengths == [Array(one.utf8): 16_000, Array(two.utf8): 12_000])
    try scan.manifest.write(to: folder.path("list.tsv"))
    let again = try Manifest(contentsOf: folder.path("list.tsv"))
    #expect(
      again.entries.map { Array($0.path.utf8) } == scan.manifest.entries.map { Array($0.path.utf8) }
    )
    let audio = try DecodedAudio(again, sampleRate: 8000, scratchFolder: folder.path)
    #expect(audio.files.map(\.samples) == again.entries.map(\.samples))
  }
}

/// Text that Windows or an editor has touched.
@Suite struct TextTests {
  @Test func aManifestMayBeginWithAMarkAndEndLinesWithTwoBytes() throws {
    let folder = try TestFolder()
    let tsv = try folder.write(
      Data("\u{FEFF}\(folder.path)\r\na.wav\t3\r\nb.wav\t4\r\n".utf8), to: "a.tsv")
    let manifest = try Manifest(contentsOf: tsv)
    #expect(manifest.root == folder.path && manifest.entries.map(\.samples) == [3, 4])
  }

  @Test(arguments: ["\r\n", "\n", "\n \t\r\n"])
  func labelsMay(end: String) throws {
    let folder = try TestFolder()
    let url = URL(fileURLWithPath: folder.path)
    try Corpus.write(to: url, minutes: 0.3, seed: 1)
    let path = folder.path(CorpusLabels.fileName)
    let plain = try CorpusLabels.read(url)
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try folder.write(
      Data(("\u{FEFF}" + text.replacingOccurrences(of: "\n", with: end)).utf8),
      to: CorpusLabels.fileName)
    #expect(try CorpusLabels.read(url) == plain)
    try folder.write(Data(("{}" + end + text).utf8), to: CorpusLabels.fileName)
    let error = #expect(throws: CorpusError.self) { try CorpusLabels.read(url) }
    #expect(error?.description.hasPrefix(path + ":1: ") == true)
  }

  @Test func labelsThatCannotBeReadAreNotAbsent() throws {
    let folder = try TestFolder()
    let url = URL(fileURLWithPath: folder.path)
    #expect(throws: CorpusError.noLabels(file: folder.path("labels.jsonl"))) {
      try CorpusLabels.read(url)
    }
    try FileManager.default.createDirectory(
      atPath: folder.path("labels.jsonl"), withIntermediateDirectories: true)
    let error = #expect(throws: CorpusError.self) { try CorpusLabels.read(url) }
    #expect(error?.description.contains("it is a folder") == true)
  }

  /// A name may hold the end of a line, a message may not.
  @Test func aNameDoesNotBreakAMessage() {
    for name in ["a\nb.wav", "a\r\nb.wav", "a\u{2028}b.wav"] {
      let lines = [
        AudioError.empty(path: name).description,
        Manifest.Skipped(path: name, reason: "empty").description,
        CorpusError.repeated(file: "labels.jsonl", line: 2, name: name, first: 1).description,
      ]
      for line in lines {
        #expect(line.contains("a b.wav") && !line.contains(where: \.isNewline), "\(line)")
      }
    }
  }
}
