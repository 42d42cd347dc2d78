import Evaluate
import Foundation
import TestSupport
import Testing

@Suite struct EmoMusicTests {
  private static let info = "emomusic/annotations/songs_info.csv"
  private static let ratings = "emomusic/annotations/static_annotations.csv"

  private let folder = try! TestFolder()

  private func read() throws -> LabelledDataset { try EmoMusic.read(folder.url) }

  @Test func dividesByArtist() throws {
    try EmoMusicFixture.write(below: folder.url, seconds: 0.01)
    let dataset = try read()
    #expect(Split.allCases.map(dataset.count) == [6, 4, 4])
    #expect(dataset.items.map(\.name) == EmoMusicFixture.songs.map { "\($0.id)" })
    let valid = dataset.items.filter { $0.split == .valid }
    #expect(valid.map(\.name) == ["20", "21", "22", "23"])
    #expect(dataset.classes == ["arousal", "valence"])
    #expect(dataset.leftOut.isEmpty)
    #expect(dataset.items[0].path == folder.path("emomusic/clips_45seconds/2.wav"))
  }

  /// By the development songs alone: means 5 and 4, variances 2 and 2.4.
  @Test func standardisesByDevelopmentSongs() throws {
    try EmoMusicFixture.write(below: folder.url, seconds: 0.01)
    let items = try read().items
    let (arousal, valence) = (2.0.squareRoot(), 2.4.squareRoot())
    try expectNumbers(items[0], [-2 / arousal, -2 / valence])
    try expectNumbers(items[12], [2 / arousal, 0])
    try expectNumbers(items[13], [1 / arousal, -1 / valence])
  }

  /// A truth does not depend on which other songs have audio.
  @Test func songsWithoutAudioStillCount() throws {
    try EmoMusicFixture.write(below: folder.url, seconds: 0.01)
    let whole = try read()
    try FileManager.default.removeItem(atPath: folder.path("emomusic/clips_45seconds/2.wav"))
    let dataset = try read()
    #expect(dataset.leftOut == [Omission("2", "no such file")])
    #expect(dataset.items == Array(whole.items.dropFirst()))
  }

  @Test func leavesOutWhatCannotBeUsed() throws {
    try EmoMusicFixture.write(below: folder.url, seconds: 0.01)
    let rows = "2,2.mp3,A,B,0.1,0.2,C,development\n3000,,A,B,,,C,evaluation\n3001,,A,B,,,C,other\n"
    try folder.write(try folder.text(of: Self.info) + rows, to: Self.info)
    #expect(
      try read().leftOut == [
        Omission("2", "listed twice"), Omission("3000", "without ratings"),
        Omission("3001", "in neither the development nor the evaluation set"),
      ])
  }

  @Test(arguments: [
    (info, "", ": is empty; get the file again"),
    (
      info, "song_id,Artist\n",
      ", line 1: has no column 'Mediaeval 2013 set'; its columns are 'song_id', 'Artist'"
    ),
    (
      info, "song_id,Artist,Mediaeval 2013 set\n2,A\n",
      ", line 2: has 2 cells where 'Mediaeval 2013 set' is number 3"
    ),
    (
      info, "song_id,Artist,Mediaeval 2013 set\n../2,A,evaluation\n",
      ", line 2: 'song_id' is '../2', which is no whole number"
    ),
    (
      ratings, "song_id,mean_arousal,mean_valence\n2,nan,3\n",
      ", line 2: 'mean_arousal' is 'nan', which is no number"
    ),
    (
      ratings, "song_id,mean_arousal,mean_valence\n2,3,9.5\n",
      ", line 2: 'mean_valence' is 9.5, not 1 to 9"
    ),
    (
      ratings, "song_id,mean_arousal,mean_valence\n2,3,4\n2,3,4\n",
      ", line 3: rates song 2 again; keep one row"
    ),
    (
      ratings, "song_id,mean_arousal,mean_valence\n2,3,4\n3,3,5\n",
      ": has no two development songs with different ratings"
    ),
    (
      ratings, "song_id,mean_arousal,mean_valence\n",
      ": has no two development songs with different ratings"
    ),
  ])
  func namesTheLine(file: String, text: String, error: String) throws {
    try EmoMusicFixture.write(below: folder.url, seconds: 0.01)
    let path = try folder.write(text, to: file)
    let thrown = #expect(throws: DatasetError.self) { try read() }
    #expect(thrown?.description == path + error)
  }

  @Test func refusesOtherEncodings() throws {
    try EmoMusicFixture.write(below: folder.url, seconds: 0.01)
    let path = try folder.write(Data([0x42, 0xF6, 0x0A]), to: Self.info)
    let error = #expect(throws: DatasetError.self) { try read() }
    #expect(
      error?.description == "\(path): is no UTF-8 text; save it as UTF-8, or get the file again")
  }

  @Test func namesWhatIsMissing() throws {
    let missing = #expect(throws: DatasetError.self) { try read() }
    #expect(
      missing?.description == "\(folder.path): has no folder emomusic with EMO; it comes from "
        + "cvml.unige.ch/databases/emoMusic, on request")
    try EmoMusicFixture.write(below: folder.url, seconds: 0.01)
    try FileManager.default.removeItem(atPath: folder.path("emomusic/clips_45seconds"))
    let silent = #expect(throws: DatasetError.self) { try read() }
    #expect(
      silent?.description == folder.path("emomusic")
        + ": has no item that can be used (2: no such file); it should contain "
        + "clips_45seconds/<song_id>.mp3, annotations/songs_info.csv, "
        + "annotations/static_annotations.csv")
    try FileManager.default.removeItem(atPath: folder.path(Self.info))
    let unlisted = #expect(throws: DatasetError.self) { try read() }
    #expect(
      unlisted?.description == folder.path(Self.info)
        + ": no such file; it comes from cvml.unige.ch/databases/emoMusic, on request")
  }

  private func expectNumbers(_ item: LabelledItem, _ expected: [Double]) throws {
    guard case .numbers(let numbers) = item.truth else {
      Issue.record("\(item.truth) is no numbers")
      return
    }
    #expect(numbers.count == 2)
    for (number, expected) in zip(numbers, expected) { #expect(abs(number - expected) < 1e-12) }
  }
}
