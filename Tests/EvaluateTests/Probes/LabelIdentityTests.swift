import Audio
import Corpus
import Evaluate
import Foundation
import Testing

/// A piece is one piece, and its labels are those of its audio.
@Suite struct LabelIdentityTests {
  /// Twelve pieces whose labels are changed by `edit`, an object a line.
  private func corpus(
    _ folder: URL, edit: (inout [[String: Any]]) -> Void
  ) throws -> ProbeCorpus {
    _ = try Tiny.corpus(folder)
    let file = folder.appending(path: "labels.jsonl")
    var lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    edit(&lines)
    let text = try lines.map { line in
      String(decoding: try JSONSerialization.data(withJSONObject: line), as: UTF8.self)
    }
    try Data(text.joined(separator: "\n").utf8).write(to: file)
    return try ProbeCorpus(folder)
  }

  private func refusal(_ edit: (inout [[String: Any]]) -> Void) throws -> String {
    try withFolder { folder in
      let error = #expect(throws: CorpusError.self) { try corpus(folder, edit: edit) }
      return try #require(error).description
    }
  }

  /// Key rose from 6.7 to 36.7 % when every line stood there twice.
  @Test(arguments: ["piece-0003.wav", "./piece-0003.wav", ".//piece-0003.wav"])
  func aFileListedTwiceIsRefused(name: String) throws {
    let line = try refusal { lines in
      var copy = lines[3]
      copy["file"] = name
      lines.append(copy)
    }
    #expect(line.contains("labels.jsonl:13: '\(name)' is the file of line 4 already; remove one"))
    #expect(!line.contains("\n"))
  }

  @Test func oneAudioUnderTwoNamesIsUsedOnce() throws {
    try withFolder { folder in
      _ = try Tiny.corpus(folder)
      try FileManager.default.copyItem(
        at: folder.appending(path: "piece-0003.wav"), to: folder.appending(path: "twin.wav"))
      try FileManager.default.createSymbolicLink(
        at: folder.appending(path: "link.wav"),
        withDestinationURL: folder.appending(path: "piece-0004.wav"))
      let file = folder.appending(path: "labels.jsonl")
      let text = try String(contentsOf: file, encoding: .utf8)
      let twin = text.split(separator: "\n")[3].replacing("piece-0003.wav", with: "twin.wav")
      try Data((text + twin + "\n").utf8).write(to: file)
      let corpus = try ProbeCorpus(folder)
      #expect(corpus.labels.count == 12)
      #expect(
        corpus.skipped == [.init(path: "twin.wav", reason: "the same audio as piece-0003.wav")])

      let link = text.split(separator: "\n")[4].replacing("piece-0004.wav", with: "link.wav")
      try Data((text + link + "\n").utf8).write(to: file)
      let error = #expect(throws: CorpusError.self) { try ProbeCorpus(folder) }
      #expect(error?.description.contains("'link.wav' is the file of line 5 already") == true)
    }
  }

  /// Each with what it is told.
  private static var contradictions: [(name: String, key: String, value: Any, told: String)] {
    [
      (
        "beat behind the end", "beats", [0.5, 1, 9],
        "beats[2] lies at 9.0 s, outside the piece of 8.0 s"
      ),
      ("beat before the start", "beats", [-0.5, 1], "beats[0] lies at -0.5 s, outside"),
      (
        "beats out of order", "beats", [1, 0.5],
        "beats[1] at 0.5 s does not follow the one before it"
      ),
      ("beat twice", "downbeats", [1, 1], "downbeats[1] at 1.0 s does not follow"),
      ("file outside", "file", "a/../../x.wav", "file 'a/../../x.wav' leaves the folder"),
      ("absolute file", "file", "/tmp/x.wav", "file '/tmp/x.wav' leaves the folder"),
      ("no length", "seconds", 0, "seconds must be above 0, is 0.0"),
      ("negative length", "seconds", -8, "seconds must be above 0"),
      ("no tempo", "tempo", 0, "tempo must be above 0"),
      ("unknown key", "key", ["tonic": 12, "mode": "major"], "key.tonic must be 0 to 11, is 12"),
      ("unknown mode", "key", ["tonic": 1, "mode": "dorian"], "key.mode has an unknown value"),
      ("no key", "key", NSNull(), "key is null"),
      (
        "chord that ends before it begins", "chords",
        [["start": 2, "end": 1, "root": 0, "quality": "maj"]],
        "chords[0] ends at 1.0 s, not after its start at 2.0 s"
      ),
      (
        "chord of another octave", "chords",
        [["start": 0, "end": 1, "root": 14, "quality": "maj"]],
        "chords[0].root must be 0 to 11, is 14"
      ),
      (
        "note behind the end", "notes",
        [["start": 8, "end": 12, "pitch": 60, "instrument": "organ", "part": "melody"]],
        "notes[0] lasts from 8.0 to 12.0 s, outside the piece of 8.0 s"
      ),
      (
        "pitch that is none", "notes",
        [["start": 0, "end": 1, "pitch": -3, "instrument": "organ", "part": "melody"]],
        "notes[0].pitch must be 0 to 127, is -3"
      ),
    ]
  }

  @Test(arguments: contradictions.map(\.name))
  func labelsThatContradictThemselvesAreRefusedByLine(name: String) throws {
    let (_, key, value, told) = try #require(Self.contradictions.first { $0.name == name })
    let line = try refusal { $0[6][key] = value }
    #expect(line.contains("labels.jsonl:7: \(told)"), "\(line)")
    #expect(!line.contains("\n"))
  }

  @Test func labelsOfOtherAudioAreLeftOutByName() throws {
    try withFolder { folder in
      let corpus = try corpus(folder) { lines in
        lines[2]["seconds"] = 9.5
        lines[5]["file"] = "gone.wav"
      }
      #expect(corpus.labels.count == 10)
      #expect(
        corpus.skipped.map { "\($0.path): \($0.reason)" } == [
          "piece-0002.wav: lasts 8.00 s, by its labels 9.50 s; correct one of them",
          "gone.wav: no such file; check the path",
        ])
    }
  }

  @Test func whatIsLeftOutIsNamedWhenTooLittleRemains() throws {
    try withFolder { folder in
      let error = #expect(throws: ProbeError.self) {
        try corpus(folder) { lines in for i in lines.indices { lines[i]["file"] = "gone-\(i).wav" }
        }
      }
      #expect(
        error?.description.contains(
          "0 usable pieces are too few to probe on (12 left out, the first gone-0.wav: no such file"
        )
          == true)
    }
  }
}
