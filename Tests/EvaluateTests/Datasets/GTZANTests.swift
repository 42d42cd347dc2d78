import Evaluate
import Foundation
import TestSupport
import Testing

@Suite struct GTZANTests {
  @Test(arguments: ["genres", "Data/genres_original", "genres_original"])
  func partsAndGenres(audio: String) throws {
    try withTemporaryFolder { root in
      try GTZANFixture.write(to: root, audio: audio)
      let music = try GTZAN.read(root)
      let genres = "blues classical country disco hiphop jazz metal pop reggae rock"
      #expect(music.classes == genres.split(separator: " ").map(String.init))
      for split in Split.allCases {
        #expect(music.classCounts(split) == [3, 0, 0, 0, 0, 3, 0, 0, 0, 3])
      }
      #expect(
        music.names(.valid).prefix(4) == [
          "blues.00003", "blues.00004", "blues.00005", "jazz.00003",
        ])
      #expect(music.items[3].path == root.path + "/GTZAN/\(audio)/jazz/jazz.00000.wav")
      #expect(music.items[3].truth == .label(5))
      #expect(music.reasons == ["jazz.00054": "broken in the published copy"])
    }
  }

  /// Blanks, empty lines, and lines that end with CR LF.
  @Test func otherWaysToWriteTheLists() throws {
    try withTemporaryFolder { root in
      try GTZANFixture.write(to: root)
      let music = try GTZAN.read(root)
      try edit(list("valid", root), "\n", " \r\n  \r\n\t")
      #expect(try GTZAN.read(root) == music)
    }
  }

  @Test func linesThatAreLeftOut() throws {
    try withTemporaryFolder { root in
      try GTZANFixture.write(to: root)
      try writeFile("", to: root.appendingPathComponent("GTZAN/genres/polka/polka.00000.wav"))
      let text = try String(contentsOf: list("test", root), encoding: .utf8)
      let lines = [
        "blues/blues.00000.wav", "polka/polka.00000.wav", "/tmp/a.wav", "blues/../../b.wav",
        "blues/blues.00099.wav", "c.wav",
      ]
      try writeFile(text + lines.joined(separator: "\n"), to: list("test", root))
      let music = try GTZAN.read(root)
      #expect(
        music.reasons == [
          "jazz.00054": "broken in the published copy", "blues.00000": "listed twice",
          "polka.00000": "'polka' is no genre of GTZAN",
          "a": "'/tmp/a.wav' is no path of a file below the folder",
          "b": "'blues/../../b.wav' is no path of a file below the folder",
          "blues.00099": "no such file", "c": "no such file",
        ])
      #expect(Split.allCases.map(music.count) == [9, 9, 9])
    }
  }

  @Test func errors() throws {
    try withTemporaryFolder { root in
      #expect(
        message(in: root, GTZAN.read)
          == "ROOT: has no folder GTZAN with GTZAN; it comes from https://www.kaggle.com/datasets/"
          + "andradaolteanu/gtzan-dataset-music-genre-classification, "
          + "lists: gtzan/ of github.com/coreyker/dnn-mgr")
      let content =
        "it should contain genres/<genre>/<genre>.<00000 to 00099>.wav, "
        + "train_filtered.txt, valid_filtered.txt, test_filtered.txt"
      try writeFile("", to: root.appendingPathComponent("GTZAN/readme"))
      #expect(
        message(in: root, GTZAN.read)
          == "ROOT/GTZAN: has no folder genres or Data/genres_original or genres_original; \(content)"
      )
      try writeFile("", to: root.appendingPathComponent("GTZAN/genres/readme"))
      #expect(
        message(in: root, GTZAN.read)
          == "ROOT/GTZAN/train_filtered.txt: no such file; "
          + "take gtzan/train_filtered.txt of github.com/coreyker/dnn-mgr")
      for part in ["train", "valid", "test"] { try writeFile("a/a.wav", to: list(part, root)) }
      #expect(
        message(in: root, GTZAN.read)
          == "ROOT/GTZAN: has no item that can be used (a: no such file); \(content)")
      try writeFile(Data([0xC0]), to: list("valid", root))
      #expect(
        message(in: root, GTZAN.read)
          == "ROOT/GTZAN/valid_filtered.txt: is no UTF-8 text; save it as UTF-8, or get the file again"
      )
    }
  }

  private func list(_ part: String, _ root: URL) -> URL {
    root.appendingPathComponent("GTZAN/\(part)_filtered.txt")
  }
}
