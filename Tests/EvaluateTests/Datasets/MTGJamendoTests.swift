import Evaluate
import Foundation
import TestSupport
import Testing

@Suite struct MTGJamendoTests {
  private static let base = "mtg-jamendo-dataset"
  private static let train = "\(base)/data/splits/split-0/autotagging_genre-train.tsv"

  private let folder: TestFolder

  init() throws {
    folder = try TestFolder()
    try MTGJamendoFixture.write(below: folder.url, seconds: 0.01)
  }

  private func read() throws -> LabelledDataset {
    try MTGJamendo.read(folder.url, category: .genre)
  }

  @Test(arguments: MTGJamendo.Category.allCases)
  func numbersTagsAsTheyAppear(category: MTGJamendo.Category) throws {
    let dataset = try MTGJamendo.read(folder.url, category: category)
    #expect(Split.allCases.map(dataset.count) == [8, 8, 8])
    #expect(dataset.classes == MTGJamendoFixture.tags(category))
    #expect(dataset.leftOut.isEmpty)
    #expect(dataset.items[0].name == "track_0000241")
    #expect(dataset.items[0].path == folder.path("\(Self.base)/audio/41/241.wav"))
    let truths = dataset.items.map(\.truth)
    #expect(truths[..<4] == [.labels([0]), .labels([1]), .labels([0, 2]), .labels([1, 2])])
    #expect(
      truths[20...] == [.labels([0]), .labels([1, 3]), .labels([0, 2, 3]), .labels([1, 2, 3])])
  }

  @Test func remarksOnTheCountsOfThePaper() throws {
    #expect(
      try read().remarks
        == ["The paper of MARBLE counts 95 tags, those before the division; the split has 87."])
    #expect(try MTGJamendo.read(folder.url, category: .top50tags).remarks.isEmpty)
  }

  /// As the data set is published, and with other endings; small files come first.
  @Test(arguments: [
    "audio-low/41/241.low.mp3", "audio-low/41/241.mp3", "audio-low/41/241.low.wav",
    "audio/41/241.mp3", "41/241.low.mp3", "41/241.opus",
  ])
  func findsAudio(name: String) throws {
    if !name.hasPrefix("audio-low") {
      try FileManager.default.removeItem(atPath: folder.path("\(Self.base)/audio/41/241.wav"))
    }
    let path = try folder.write(Data([0]), to: "\(Self.base)/\(name)")
    #expect(try read().items.first?.path == path)
  }

  @Test func leavesOutWhatCannotBeUsed() throws {
    let rows =
      "track_0000241\ta\tb\t41/241.mp3\t1\tgenre---rock\r\n"
      + "t1\ta\tb\t../audio/41/241.mp3\t1\tgenre---rock\r\n"
      + "t2\ta\tb\t/etc/passwd\t1\tgenre---rock\r\n"
      + "t3\ta\tb\t43/243.mp3\t1\r\nt4\r\nt5\ta\tb\t99/99.mp3\t1\tgenre---rock\t\tgenre---rock\r\n"
    try folder.write(try folder.text(of: Self.train) + rows, to: Self.train)
    let dataset = try read()
    #expect(
      dataset.leftOut == [
        Omission("track_0000241", "listed twice"),
        Omission("t1", "'../audio/41/241.mp3' is no path of a file below the folder"),
        Omission("t2", "'/etc/passwd' is no path of a file below the folder"),
        Omission("t3", "its row is cut off"), Omission("t4", "its row is cut off"),
        Omission("t5", "no such file"),
      ])
    #expect(dataset.count(.train) == 8)
  }

  @Test func countsATagOnce() throws {
    let row = "t1\ta\tb\t41/241.mp3\t1\tgenre---dub\t\tgenre---rock\tgenre---dub\r\n"
    try folder.write(try folder.text(of: Self.train) + row, to: Self.train)
    let item = try read().items.first { $0.name == "t1" }
    #expect(item?.truth == .labels([0, 1]))
  }

  @Test(arguments: [
    ("", ": is empty; get the file again"),
    ("TRACK_ID\tPATH\r\n", ", line 1: has no column 'TAGS'; its columns are 'TRACK_ID', 'PATH'"),
  ])
  func namesTheLine(text: String, error: String) throws {
    let path = try folder.write(text, to: Self.train)
    let thrown = #expect(throws: DatasetError.self) { try read() }
    #expect(thrown?.description == path + error)
  }

  @Test func refusesOtherEncodings() throws {
    let path = try folder.write(Data([0x54, 0xFF]), to: Self.train)
    let error = #expect(throws: DatasetError.self) { try read() }
    #expect(
      error?.description == "\(path): is no UTF-8 text; save it as UTF-8, or get the file again")
  }

  @Test func namesWhatIsMissing() throws {
    try FileManager.default.removeItem(atPath: folder.path("\(Self.base)/audio"))
    let error = #expect(throws: DatasetError.self) { try read() }
    #expect(
      error?.description == folder.path(Self.base)
        + ": has no item that can be used (track_0000241: no such file); it should contain "
        + "data/splits/split-0/autotagging_<category>-{train,validation,test}.tsv, "
        + "audio-low/NN/<id>.low.mp3 or audio/NN/<id>.mp3")
    try FileManager.default.removeItem(atPath: folder.path(Self.train))
    let unlisted = #expect(throws: DatasetError.self) { try read() }
    #expect(
      unlisted?.description == folder.path(Self.train)
        + ": no such file; it comes from github.com/MTG/mtg-jamendo-dataset")
  }
}
