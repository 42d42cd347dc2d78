import Evaluate
import Foundation
import TestSupport
import Testing

@Suite struct GiantStepsTests {
  @Test func partsAndKeys() throws {
    try withTemporaryFolder { root in
      try GiantStepsFixture.write(to: root)
      let music = try GiantSteps.read(root)
      #expect(music.classes.count == 24)
      #expect(music.classes.prefix(4) == ["C major", "Db major", "D major", "Eb major"])
      #expect(music.classes[12...15] == ["C minor", "Db minor", "D minor", "Eb minor"])
      #expect(music.names(.train) == (1...6).map { "100\($0)" })
      #expect(music.names(.valid) == (1...6).map { "200\($0)" })
      #expect(music.names(.test) == (1...6).map { "300\($0)" })
      for item in music.items {
        #expect(item.truth == .label(["1", "2", "3"].contains(item.name.suffix(1)) ? 0 : 15))
      }
      #expect(
        music.reasons == [
          "4001": "no key", "4002": "more than one key", "4003": "confidence 1 of 2",
          "4004": "more than one key",
        ])
      let audio = GiantStepsFixture.test(root).path + "/audio/3001.LOFI.wav"
      #expect(music.items[12].path == audio)
      #expect(music.remarks.count == 1)
      #expect(music.remarks[0].contains("1,159") && music.remarks[0].contains("1,077"))
    }
  }

  /// Every tonic with a sharp is the class of its flat.
  @Test(arguments: zip(["C#", "D#", "F#", "G#", "A#", "B"], ["Db", "Eb", "Gb", "Ab", "Bb", "B"]))
  func spellings(sharp: String, flat: String) throws {
    try withTemporaryFolder { root in
      let music = try read([.init(id: "1", artists: "Bo", key: "\(sharp) major")], in: root)
      let label = try #require(music.classes.firstIndex(of: "\(flat) major"))
      #expect(music.truth(of: "1") == .label(label))
    }
  }

  /// Only Eli validates by the hash. The first look at the songs reaches Bo (song 3) and Cleo (4), the second Dax (2).
  /// Finn (1) is not reached, as song 1 is looked at before song 2.
  @Test func artistsWhoPlayedTogetherAreInOnePart() throws {
    try withTemporaryFolder { root in
      let songs = [
        "Finn", "Dax, Finn", "Cleo, Dax", "Eli, Bo", "Bo, Cleo", "Gus, Hana", "Hana", "Finn, Gus",
      ]
      let music = try read(
        songs.enumerated().map { .init(id: "\($0)", artists: $1) }, in: root)
      #expect(music.names(.train) == ["0", "5", "6", "7"])
      #expect(music.names(.valid) == ["1", "2", "3", "4"])
    }
  }

  @Test func songsThatAreLeftOut() throws {
    try withTemporaryFolder { root in
      try GiantStepsFixture.write(to: root)
      let songs: [GiantStepsFixture.Song] = [
        .init(id: "1001", artists: "Eli"), .init(id: "../../x", artists: "Bo"),
        .init(id: "5001", artists: "Bo"), .init(id: "5002", artists: "Bo", key: "H major"),
        .init(id: "5003", artists: "Bo", key: ""), .init(id: "3006", artists: "Bo"),
      ]
      try GiantStepsFixture.writeTables(of: GiantStepsFixture.songs + songs, to: root)
      let annotations = GiantStepsFixture.mtg(root).appendingPathComponent(
        "annotations/annotations.txt")
      try edit(annotations, "5003\t", "5003\t\t2\n6001\tC major\t2\n5004\t")
      let keys = GiantStepsFixture.test(root).appendingPathComponent("annotations/key")
      try writeFile(
        "X\n\(String(repeating: "y", count: 99))", to: keys.appendingPathComponent("3001.LOFI.key"))
      try writeFile(Data([0xFF]), to: keys.appendingPathComponent("3002.LOFI.key"))
      try writeFile("", to: keys.appendingPathComponent("3003.LOFI.key"))
      try writeFile("", to: keys.appendingPathComponent("readme"))
      let reasons = try GiantSteps.read(root).reasons
      let expected = [
        "1001": "listed twice",
        "../../x": "'../../x.LOFI.mp3' is no path of a file below the folder",
        "5001": "no such file", "5002": "'H major' is no key", "5003": "no key", "5004": "no key",
        "6001": "its artist is not listed",
        "3001": "'X \(String(repeating: "y", count: 38))' is no key",
        "3002": "its key cannot be read", "3003": "no key", "3006": "no such file",
      ]
      #expect(reasons.filter { !$0.key.hasPrefix("4") } == expected)
    }
  }

  @Test func errors() throws {
    try withTemporaryFolder { root in
      #expect(
        message(in: root, GiantSteps.read).hasPrefix("ROOT: has no folder GS with GiantSteps;"))
      try GiantStepsFixture.writeTables(of: [.init(id: "1", artists: "Bo")], to: root)
      let mtg = "ROOT/GS/giantsteps-mtg-key-dataset"
      let test = "ROOT/GS/giantsteps-key-dataset"
      #expect(
        message(in: root, GiantSteps.read)
          == "\(test)/annotations/key: no such folder; "
          + "clone github.com/GiantSteps/giantsteps-key-dataset")
      let keys = GiantStepsFixture.test(root).appendingPathComponent("annotations/key")
      try writeFile("C minor\n", to: keys.appendingPathComponent("2.LOFI.key"))
      #expect(
        message(in: root, GiantSteps.read).hasPrefix(
          "ROOT/GS: has no item that can be used (1: no such file); it should contain "
            + "giantsteps-mtg-key-dataset/annotations/annotations.txt, "))
      let annotations = GiantStepsFixture.mtg(root).appendingPathComponent("annotations")
      try writeFile(
        "ID\tMANUAL KEY\tC\n1\n", to: annotations.appendingPathComponent("annotations.txt"))
      #expect(
        message(in: root, GiantSteps.read)
          == "\(mtg)/annotations/annotations.txt, line 2: "
          + "has 1 cells where 'MANUAL KEY' is number 2")
      try writeFile("ID\n1\n", to: annotations.appendingPathComponent("beatport_metadata.txt"))
      #expect(
        message(in: root, GiantSteps.read)
          == "\(mtg)/annotations/beatport_metadata.txt, line 1: has no column 'ARTIST'; its columns are 'ID'"
      )
      try FileManager.default.removeItem(at: annotations)
      #expect(
        message(in: root, GiantSteps.read)
          == "\(mtg)/annotations/annotations.txt: no such file; it comes from "
          + GiantSteps.card.origin)
    }
  }

  /// The data set of these songs, all with audio, and of no other.
  private func read(_ songs: [GiantStepsFixture.Song], in root: URL) throws -> LabelledDataset {
    try GiantStepsFixture.writeTables(of: songs, to: root)
    let audio = GiantStepsFixture.mtg(root).appendingPathComponent("audio")
    for song in songs { try writeFile("", to: audio.appendingPathComponent("\(song.id).LOFI.mp3")) }
    let keys = GiantStepsFixture.test(root).appendingPathComponent("annotations/key")
    try FileManager.default.createDirectory(at: keys, withIntermediateDirectories: true)
    return try GiantSteps.read(root)
  }
}
