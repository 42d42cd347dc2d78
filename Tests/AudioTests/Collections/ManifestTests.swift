import Audio
import Foundation
import TestSupport
import Testing

@Suite struct ManifestTests {
  /// A folder with three sound files, one of each broken kind, and things that are no audio.
  private func mixedFolder() throws -> TestFolder {
    let folder = try TestFolder()
    try folder.write(Data("notes".utf8), to: "readme.txt")
    try folder.write(Data(), to: "b/.hidden.wav")
    try folder.write(Data("x".utf8), to: "b/song.m4a")
    for (name, rate) in [("b/two.flac", 44_100), ("a.wav", 16_000), ("b/c/three.wav", 24_000)] {
      try folder.write(Data(), to: name)
      try AudioFile.write(
        tones(rate * 2, sampleRate: rate), sampleRate: rate, to: folder.path(name))
    }
    for broken in BrokenFile.allCases where broken != .missing { _ = try broken.make(in: folder) }
    return folder
  }

  @Test func aScanKeepsTheSoundAndReportsTheBroken() throws {
    let folder = try mixedFolder()
    var calls: [Int] = []
    let scan = try Manifest.scan(folder.path) { done, total in calls.append(done * 1000 + total) }
    #expect(
      scan.manifest.entries == [
        .init(path: "a.wav", samples: 32_000), .init(path: "b/c/three.wav", samples: 48_000),
        .init(path: "b/two.flac", samples: 88_200),
      ])
    let broken = BrokenFile.allCases.filter { $0 != .missing && $0 != .folder }
    #expect(Set(scan.skipped.map(\.path)) == Set(broken.map(\.name) + ["b/song.m4a"]))
    for file in broken {
      let reason = scan.skipped.first { $0.path == file.name }?.reason ?? ""
      #expect(reason.contains(file.complaint), "\(file): \(reason)")
    }
    let total = broken.count + 4
    #expect(calls == (1...total).map { $0 * 1000 + total })
  }

  @Test func aFolderIsListedWithoutOpeningItsFiles() throws {
    let folder = try mixedFolder()
    let list = try Manifest.open(folder.path)
    #expect(!list.lengthsAreKnown)
    #expect(list.skipped.isEmpty && list.manifest.entries.allSatisfy { $0.samples == 1 })
    let audio = try DecodedAudio(
      list.manifest, sampleRate: 16_000, scratchFolder: folder.path, minimumSeconds: 1)
    #expect(audio.files.map(\.path) == ["a.wav", "b/c/three.wav", "b/two.flac"])
    let scan = try Manifest.scan(folder.path)
    #expect(Set(audio.skipped.map(\.path)) == Set(scan.skipped.map(\.path)))
  }

  @Test func aTsvComesBack() throws {
    let folder = try mixedFolder()
    let scan = try Manifest.scan(folder.path)
    let tsv = folder.path("train.tsv")
    try scan.manifest.write(to: tsv)
    #expect(try String(contentsOfFile: tsv, encoding: .utf8).hasSuffix("b/two.flac\t88200\n"))
    let again = try Manifest.open(tsv)
    #expect(again.manifest == scan.manifest && again.lengthsAreKnown && again.skipped.isEmpty)
    let path = again.manifest.path(of: again.manifest.entries[1])
    #expect(path == folder.path("b/c/three.wav"))
  }

  @Test func aFolderWithoutMusicIsAnError() throws {
    let folder = try TestFolder()
    try folder.write(Data("notes".utf8), to: "readme.txt")
    #expect(throws: AudioError.nothingUsable(path: folder.path, skipped: [])) {
      try Manifest.scan(folder.path)
    }
    _ = try BrokenFile.text.make(in: folder)
    let error = #expect(throws: AudioError.self) { try Manifest.scan(folder.path) }
    #expect(
      error?.description
        == "\(folder.path): none of its 1 audio files can be used: text.wav (not audio that libsndfile "
        + "or libmpg123 can read; convert it to wav or flac, or remove it)")
    #expect(throws: AudioError.missing(path: folder.path("no"))) {
      try Manifest.open(folder.path("no"))
    }
  }

  @Test func linksThatLeadBackAreWalkedOnce() throws {
    let folder = try TestFolder()
    try AudioFile.write(
      tones(32_000, sampleRate: 16_000), sampleRate: 16_000, to: folder.path("a.wav"))
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("loop"), withDestinationPath: folder.path)
    #expect(try Manifest.scan(folder.path).manifest.entries.count == 1)
  }

  /// Whatever the order of the disk: the first name of those that lie highest counts.
  @Test func aFolderOfSeveralNamesIsListedUnderTheFirst() throws {
    let (folder, elsewhere) = (try TestFolder(), try TestFolder())
    try elsewhere.write(Data([0]), to: "x.wav")
    try folder.write(Data([0]), to: "0/y.wav")
    for name in ["m", "c", "z", "0/a", "b", "k", "d"] {
      try FileManager.default.createSymbolicLink(
        atPath: folder.path(name), withDestinationPath: elsewhere.path)
    }
    #expect(try Manifest.open(folder.path).manifest.entries.map(\.path) == ["0/y.wav", "b/x.wav"])
  }

  @Test(arguments: [
    ("", 1, "root folder"), ("/no/such/root\na.wav\t3\n", 1, "is not a folder"),
    ("/\na.wav 300\n", 2, "path<TAB>samples"), ("/\n\na.wav\t3\nb.wav\tmany\n", 4, "'many'"),
    ("/\na.wav\t0\n", 2, "positive"), ("/\na.wav\t3\r\na.wav\t3\r\n", 3, "listed twice"),
  ])
  func aWrongLineIsNamed(text: String, line: Int, words: String) throws {
    let folder = try TestFolder()
    let path = try folder.write(Data(text.utf8), to: "bad.tsv")
    let error = #expect(throws: AudioError.self) { try Manifest(contentsOf: path) }
    let message = error?.description ?? ""
    #expect(message.hasPrefix("\(path):\(line): ") && message.contains(words), "\(message)")
  }
}
