import Evaluate
import Foundation
import TestSupport
import Testing

@Suite struct MagnaTagATuneTests {
  @Test func partsTagsAndCounts() throws {
    try withTemporaryFolder { root in
      try MagnaTagATuneFixture.write(to: root)
      let music = try MagnaTagATune.read(root)
      // The broken clip counts for the order of the tags, and no clip has `choral`.
      #expect(music.classes == ["guitar", "no vocals", "slow", "female voice"])
      for split in Split.allCases { #expect(music.classCounts(split) == [6, 5, 4, 3]) }
      #expect(Split.allCases.map(music.count) == [8, 8, 8])
      #expect(music.names(.test) == (0..<8).map { "2\($0)" })
      #expect(music.truth(of: "12") == .labels([0, 2, 3]))
      #expect(music.truth(of: "17") == .labels([]))
      #expect(music.reasons == ["35644": "broken in the published archive"])
      #expect(music.items[0].path == root.path + "/MTT/mp3/0/artist-song-00-0-29.wav")
      #expect(music.remarks.isEmpty)
    }
  }

  /// Of 52 tags, tags 2k and 2k + 1 have k + 1 clips each.
  @Test func theFiftyMostFrequentTagsAndTiesInTheOrderOfTheFile() throws {
    try withTemporaryFolder { root in
      let tags = (0..<52).map { "tag \($0)" }
      let rows = (0..<26).map { row in
        "\(row)\t" + (0..<52).map { $0 / 2 >= row ? "1\t" : "0\t" }.joined() + "a/\(row).mp3"
      }
      try write([(["clip_id"] + tags + ["mp3_path"]).joined(separator: "\t")] + rows, root)
      try writeFile("", to: root.appendingPathComponent("MTT/mp3/a/0.mp3"))
      try writeFile("", to: root.appendingPathComponent("MTT/mp3/a/1.mp3"))
      let music = try MagnaTagATune.read(root)
      #expect(
        music.classes == (1..<26).reversed().flatMap { ["tag \(2 * $0)", "tag \(2 * $0 + 1)"] })
      #expect(music.truth(of: "0") == .labels(Array(0..<50)))
      #expect(music.reasons["2"] == "no such file")
      #expect(music.leftOut.count == 24)
    }
  }

  /// Cells in quotes, and lines that end with CR LF.
  @Test func otherWaysToWriteTheTable() throws {
    try withTemporaryFolder { root in
      try MagnaTagATuneFixture.write(to: root)
      let music = try MagnaTagATune.read(root)
      let text = try String(contentsOf: table(root), encoding: .utf8)
      let lines = text.split(separator: "\n").map { line in
        line.split(separator: "\t").map { "\"\($0)\"" }.joined(separator: "\t")
      }
      try writeFile(lines.joined(separator: "\r\n"), to: table(root))
      #expect(try MagnaTagATune.read(root) == music)
    }
  }

  @Test func rowsThatAreLeftOut() throws {
    try withTemporaryFolder { root in
      try MagnaTagATuneFixture.write(to: root)
      let paths = [
        "x/a.mp3", "0a/a.mp3", "/etc/passwd", "0/../../annotations_final.csv", "0/", "",
        "1/none.mp3",
      ]
      let rows = paths.enumerated().map { MagnaTagATuneFixture.row(id: "a\($0)", [], path: $1) }
      let twin = MagnaTagATuneFixture.row(id: "00", [], path: "c/artist-song-10-0-29.mp3")
      let text = try String(contentsOf: table(root), encoding: .utf8)
      try writeFile(text + (rows + [twin]).joined(separator: "\n"), to: table(root))
      let music = try MagnaTagATune.read(root)
      #expect(
        music.reasons == [
          "35644": "broken in the published archive", "00": "listed twice",
          "a0": "'x/a.mp3' does not start with a folder 0 to f",
          "a1": "'0a/a.mp3' does not start with a folder 0 to f",
          "a2": "'/etc/passwd' does not start with a folder 0 to f",
          "a3": "'0/../../annotations_final.csv' is no path of a file below the folder",
          "a4": "'0/' is no path of a file below the folder",
          "a5": "'' does not start with a folder 0 to f", "a6": "no such file",
        ])
      #expect(music.items.count == 24)
    }
  }

  @Test func errors() throws {
    try withTemporaryFolder { root in
      #expect(
        message(in: root, MagnaTagATune.read)
          == "ROOT: has no folder MTT with MagnaTagATune; it comes from "
          + "https://mirg.city.ac.uk/codeapps/the-magnatagatune-dataset")
      try writeFile("", to: root.appendingPathComponent("MTT/mp3/0/a.mp3"))
      #expect(
        message(in: root, MagnaTagATune.read)
          == "ROOT/MTT/annotations_final.csv: no such file; it comes from "
          + "https://mirg.city.ac.uk/codeapps/the-magnatagatune-dataset")
      let header = "clip_id\tguitar\tmp3_path"
      for (lines, words) in [
        ([], "is empty; get the file again"),
        ([header], "has no clip with a tag; get the file again"),
        (
          ["clip_id\tguitar"],
          "line 1: has no column 'mp3_path'; its columns are 'clip_id', 'guitar'"
        ),
        (
          [header, "1\t1\t0/a.mp3", "2\t1"], "line 3: has 2 cells in 3 columns; get the file again"
        ),
        (
          [header, "1\t2\t0/a.mp3"], "line 2: 'guitar' is '2', neither 0 nor 1; get the file again"
        ),
      ] {
        try write(lines, root)
        let separator = words.hasPrefix("line") ? "," : ":"
        #expect(
          message(in: root, MagnaTagATune.read)
            == "ROOT/MTT/annotations_final.csv\(separator) \(words)")
      }
      try write([header, "1\t1\t0/b.mp3"], root)
      #expect(
        message(in: root, MagnaTagATune.read)
          == "ROOT/MTT: has no item that can be used (1: no such file); "
          + "it should contain annotations_final.csv, mp3/<0 to f>/<clip>.mp3")
      try writeFile(Data([0xFF, 0xFE, 0x80]), to: table(root))
      #expect(
        message(in: root, MagnaTagATune.read)
          == "ROOT/MTT/annotations_final.csv: is no UTF-8 text; save it as UTF-8, or get the file again"
      )
    }
  }

  private func table(_ root: URL) -> URL {
    root.appendingPathComponent("MTT/annotations_final.csv")
  }

  private func write(_ lines: [String], _ root: URL) throws {
    try writeFile(lines.joined(separator: "\n"), to: table(root))
  }
}
