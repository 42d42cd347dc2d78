import Evaluate
import Foundation
import TestSupport
import Testing

@Suite struct GTZANRhythmTests {
  private let regular = Truth.beats([0, 0.5, 1, 1.5], downbeats: [0, 1])

  @Test func beatsOfTheExcerptsOfGTZAN() throws {
    try withTemporaryFolder { root in
      try GTZANRhythmFixture.write(to: root)
      let (music, excerpts) = (try GTZANRhythm.read(root), try GTZAN.read(root))
      #expect(music.items.map(\.path) == excerpts.items.map(\.path))
      #expect(music.items.map(\.split) == excerpts.items.map(\.split))
      #expect(music.leftOut == excerpts.leftOut)
      #expect(music.classes == ["beat", "downbeat"])
      let odd = ["blues.00001", "blues.00002"]
      for item in music.items where !odd.contains(item.name) { #expect(item.truth == regular) }
      #expect(music.truth(of: "blues.00001") == .beats([0, 0.5, 1, 1.5], downbeats: []))
      #expect(music.truth(of: "blues.00002") == .beats([0, 0.5, 1, 1.5, 2.5], downbeats: [0, 1]))
    }
  }

  @Test(arguments: ["jams", "."])
  func otherFolders(folder: String) throws {
    try withTemporaryFolder { root in
      try GTZANRhythmFixture.write(to: root)
      let music = try GTZANRhythm.read(root)
      let archive = root.appendingPathComponent("GTZAN-Rhythm/GTZAN-Rhythm_v2_ismir2015_lbd/jams")
      let other = root.appendingPathComponent("GTZAN-Rhythm/\(folder)")
      for file in try FileManager.default.contentsOfDirectory(atPath: archive.path) {
        let content = try Data(contentsOf: archive.appendingPathComponent(file))
        try writeFile(content, to: other.appendingPathComponent(file))
      }
      try FileManager.default.removeItem(at: archive)
      #expect(try GTZANRhythm.read(root) == music)
    }
  }

  @Test func timesAreSorted() throws {
    try withTemporaryFolder { root in
      try GTZANRhythmFixture.write(to: root)
      try GTZANRhythmFixture.writeJAMS(
        "blues.00000", beats: [1.5, 0, 1, 0.5], downbeats: [1, 0], to: root)
      #expect(try GTZANRhythm.read(root).truth(of: "blues.00000") == regular)
    }
  }

  @Test func annotationsThatAreLeftOut() throws {
    try withTemporaryFolder { root in
      try GTZANRhythmFixture.write(to: root)
      let broken = "its JAMS file is broken"
      let cases = [
        ("{\"annotations\": [", broken), ("", broken), ("[]", broken), ("{}", broken),
        (beats(#""time": "early""#), broken), (beats(#""value": 1"#), broken),
        (beats(#""time": 1e999"#), broken), (#"{"annotations": []}"#, "no beats"),
        (String(repeating: "[", count: 100_000), broken),
        (#"{"annotations": [{"namespace": "beat"}, {"data": 1}]}"#, "no beats"),
        (beats(#""time": 1e300"#), "a beat at 1e+300 s"),
        (beats(#""time": -1"#), "a beat at -1.0 s"),
      ]
      let music = try GTZANRhythm.read(root)
      for (text, reason) in cases {
        try writeFile(text, to: GTZANRhythmFixture.file(of: "jazz.00004", below: root))
        #expect(try GTZANRhythm.read(root).reasons["jazz.00004"] == reason, "\(text)")
      }
      try FileManager.default.removeItem(at: GTZANRhythmFixture.file(of: "jazz.00004", below: root))
      let fewer = try GTZANRhythm.read(root)
      #expect(fewer.reasons["jazz.00004"] == "no file of its beats can be read")
      #expect(fewer.items == music.items.filter { $0.name != "jazz.00004" })
    }
  }

  @Test func rowsOfTexts() throws {
    try withTemporaryFolder { root in
      try GTZANRhythmFixture.write(to: root)
      let file = root.appendingPathComponent("GTZAN-Rhythm/beats/gtzan_rock_00000.beats")
      try writeFile("0.0 1.0\r\n0.5 2\r\n1.0 1\r\n1.5 2\r\n", to: file)
      #expect(try GTZANRhythm.read(root).truth(of: "rock.00000") == regular)
      for (text, reason) in [
        ("0.5", "'0.5' is no time and position of a beat"),
        ("0.5\tone", "'0.5\tone' is no time and position of a beat"),
        ("nan 1", "a beat at nan s"), ("", "no beats"),
      ] {
        try writeFile(text, to: file)
        #expect(try GTZANRhythm.read(root).reasons["rock.00000"] == reason)
      }
      try writeFile(Data([0xFF]), to: file)
      #expect(
        try GTZANRhythm.read(root).reasons["rock.00000"] == "no file of its beats can be read")
    }
  }

  @Test func errors() throws {
    try withTemporaryFolder { root in
      try GTZANFixture.write(to: root)
      #expect(
        message(in: root, GTZANRhythm.read)
          == "ROOT: has no folder GTZAN-Rhythm with GTZAN-Rhythm; it comes from "
          + "http://anasynth.ircam.fr/home/media/GTZAN-rhythm "
          + "or https://github.com/TempoBeatDownbeat/gtzan_tempo_beat")
      try writeFile("", to: root.appendingPathComponent("GTZAN-Rhythm/stats.csv"))
      #expect(
        message(in: root, GTZANRhythm.read)
          == "ROOT/GTZAN-Rhythm: has no item that can be used "
          + "(jazz.00054: broken in the published copy); it should contain "
          + "jams/<genre>.<number>.wav.jams or beats/gtzan_<genre>_<number>.beats")
      try FileManager.default.removeItem(at: root.appendingPathComponent("GTZAN"))
      #expect(
        message(in: root, GTZANRhythm.read).hasPrefix("ROOT: has no folder GTZAN with GTZAN;"))
    }
  }

  /// A JAMS file with one annotation of beats, of one observation.
  private func beats(_ observation: String) -> String {
    """
    {"annotations": [{"namespace": "beat", "sandbox": {"annotation_type": "beat"},
    "data": [{\(observation)}]}]}
    """
  }
}
