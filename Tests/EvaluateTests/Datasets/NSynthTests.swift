import Evaluate
import Foundation
import TestSupport
import Testing

@Suite struct NSynthTests {
  private static let train = "NSynth/nsynth-train/examples.json"

  private let folder: TestFolder

  init() throws {
    folder = try TestFolder()
    try NSynthFixture.write(below: folder.url, seconds: 0.01)
  }

  private func addToTrain(_ entries: String) throws {
    let text = try folder.text(of: Self.train)
    try folder.write("{\(entries)," + text.dropFirst(), to: Self.train)
  }

  @Test func families() throws {
    let dataset = try NSynth.readFamilies(folder.url)
    #expect(Split.allCases.map(dataset.count) == [8, 8, 8])
    #expect(dataset.classes.count == 11)
    #expect(dataset.classes[3] == "guitar" && dataset.classes[9] == "synth_lead")
    for item in dataset.items {
      #expect(item.truth == .label(item.name.hasPrefix("bass") ? 0 : 3))
    }
    let first = "bass_synthetic_000-048-025"
    #expect(dataset.items[0].name == first)
    #expect(dataset.items[0].path == folder.path("NSynth/nsynth-train/audio/\(first).wav"))
    #expect(dataset.leftOut.isEmpty)
  }

  @Test func pitches() throws {
    let dataset = try NSynth.readPitches(folder.url)
    #expect(Split.allCases.map(dataset.count) == [8, 8, 8])
    #expect(dataset.classes.count == 128 && dataset.classes[60] == "60")
    for item in dataset.items {
      #expect(item.truth == .label(item.name.contains("-048-") ? 48 : 60))
    }
  }

  @Test(arguments: ["flac", "mp3", "ogg", "opus", "WAV"])
  func audioMayHaveAnotherEnding(ending: String) throws {
    let audio = folder.path("NSynth/nsynth-train/audio/bass_synthetic_000-048-025")
    try FileManager.default.moveItem(atPath: "\(audio).wav", toPath: "\(audio).\(ending)")
    let dataset = try NSynth.readPitches(folder.url)
    #expect(dataset.items[0].path == "\(audio).\(ending)" && dataset.leftOut.isEmpty)
  }

  @Test func leavesOutWhatCannotBeUsed() throws {
    try addToTrain(
      """
      "a": {"pitch": 200, "instrument_family": 0}, "b": {"pitch": -1, "instrument_family": 11},
      "c": {"pitch": "60", "instrument_family": 0.5}, "d": {}, "e": {"pitch": 1e300},
      "../../nsynth-test/audio/guitar_synthetic_002-048-025": {"pitch": 60, "instrument_family": 0}
      """)
    let path = Omission(
      "../../nsynth-test/audio/guitar_synthetic_002-048-025", "no such file")
    let pitch = "no pitch from 0 to 127"
    let family = "no instrument family from 0 to 10"
    #expect(
      try NSynth.readPitches(folder.url).leftOut
        == [path] + ["a", "b", "c", "d", "e"].map { Omission($0, pitch) })
    #expect(
      try NSynth.readFamilies(folder.url).leftOut
        == [path, Omission("a", "no such file")]
        + ["b", "c", "d", "e"].map { Omission($0, family) }
    )
  }

  @Test func aNoteInTwoPartsIsUsedOnce() throws {
    let name = "bass_synthetic_000-048-025"
    let test = folder.path("NSynth/nsynth-test")
    try FileManager.default.copyItem(
      atPath: folder.path("NSynth/nsynth-train/audio/\(name).wav"),
      toPath: "\(test)/audio/\(name).wav")
    let text = try folder.text(of: "NSynth/nsynth-test/examples.json")
    try folder.write(
      "{\"\(name)\": {\"pitch\": 48}," + text.dropFirst(), to: "NSynth/nsynth-test/examples.json")
    let dataset = try NSynth.readPitches(folder.url)
    #expect(Split.allCases.map(dataset.count) == [8, 8, 8])
    #expect(dataset.leftOut == [Omission(name, "listed twice")])
  }

  @Test(arguments: [
    "", "{", "[]", "null", "{\"a\": 3}", "{\"a\": {\"pitch\": NaN}}", "{\"a\": {\"pitch\": 3}",
    "{\"a\": " + String(repeating: "[", count: 100_000),
  ])
  func refuses(json: String) throws {
    let path = try folder.write(json, to: Self.train)
    let error = #expect(throws: DatasetError.self) { try NSynth.readPitches(folder.url) }
    #expect(
      error?.description == "\(path): is no JSON object of notes; get the archive again")
  }

  @Test func refusesOtherEncodings() throws {
    let path = try folder.write(Data([0x7B, 0x22, 0xFF, 0x22, 0x3A]), to: Self.train)
    let error = #expect(throws: DatasetError.self) { try NSynth.readPitches(folder.url) }
    #expect(
      error?.description == "\(path): is no JSON object of notes; get the archive again")
  }

  @Test func namesWhatIsMissing() throws {
    try FileManager.default.removeItem(atPath: folder.path("NSynth/nsynth-test/audio"))
    #expect(try NSynth.readPitches(folder.url).count(.test) == 0)
    for part in ["train", "valid"] {
      try FileManager.default.removeItem(atPath: folder.path("NSynth/nsynth-\(part)/audio"))
    }
    let error = #expect(throws: DatasetError.self) { try NSynth.readPitches(folder.url) }
    #expect(
      error?.description == folder.path("NSynth")
        + ": has no item that can be used (bass_synthetic_000-048-025: no such file); "
        + "it should contain nsynth-{train,valid,test}/examples.json, "
        + "nsynth-{train,valid,test}/audio/<note_str>.wav")
    try FileManager.default.removeItem(atPath: folder.path(Self.train))
    let unlisted = #expect(throws: DatasetError.self) { try NSynth.readPitches(folder.url) }
    #expect(
      unlisted?.description == folder.path(Self.train)
        + ": no such file; it comes from magenta.tensorflow.org/datasets/nsynth")
  }
}
