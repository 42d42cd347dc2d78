import Evaluate
import Foundation
import TestSupport
import Testing

@Suite struct VocalSetTests {
  private let folder = try! TestFolder()

  private func write(_ name: String) throws {
    try folder.write(Data([0]), to: "VocalSet/FULL/\(name)")
  }

  private var deleted: [Omission] {
    ["female1", "female4", "male3"].map {
      Omission("\($0)/scales/vibrato/caro_vibrato", "deleted by MARBLE as well")
    }
  }

  @Test func techniquesShareNoSinger() throws {
    try VocalSetFixture.write(below: folder.url, seconds: 0.01)
    let dataset = try VocalSet.readTechniques(folder.url)
    #expect(Split.allCases.map(dataset.count) == [9, 9, 9])
    for (split, singer) in [(Split.train, "female1"), (.valid, "female4"), (.test, "male3")] {
      let files = dataset.items.filter { $0.split == split }
      #expect(files.allSatisfy { $0.name.hasPrefix("\(singer)/") })
    }
    #expect(dataset.classes[3] == "lip_trill" && dataset.classes[5] == "straight")
    #expect(dataset.items.count { $0.truth == .label(3) } == 14)
    #expect(dataset.items.count { $0.truth == .label(5) } == 13)
    #expect(dataset.leftOut == deleted)
    #expect(dataset.remarks.count == 1)
  }

  /// The parts are those that Python's `hashlib` gave.
  @Test func singersShareNoFile() throws {
    try VocalSetFixture.write(below: folder.url, seconds: 0.01)
    let dataset = try VocalSet.readSingers(folder.url)
    #expect(dataset.classes.count == 20)
    for (singer, label) in [("female1", 0), ("female4", 3), ("male3", 11)] {
      let names = VocalSetFixture.files[singer]!.map { "\(singer)/\($0)" }
      let items = dataset.items.filter { $0.truth == .label(label) }
      for (index, split) in [Split.train, .valid, .test].enumerated() {
        #expect(
          Set(items.filter { $0.split == split }.map(\.name))
            == Set(names[3 * index..<3 * index + 3]))
      }
    }
    #expect(dataset.leftOut == deleted)
  }

  /// Remainders of 11, 19 and 20, from `hashlib`.
  @Test(arguments: [
    ("female1/scales/straight/f1_scales_straight_c_e", Split.train),
    ("female1/arpeggios/belt/f1_arpeggios_belt_f_u", .valid),
    ("female1/scales/straight/f1_scales_straight_c_u", .test),
  ])
  func sharesAre12To8To5(name: String, split: Split) throws {
    try VocalSetFixture.write(below: folder.url, seconds: 0.01)
    try write("\(name).wav")
    let items = try VocalSet.readSingers(folder.url).items
    #expect(items.first { $0.name == name }?.split == split)
  }

  /// 9 singers for training, 6 for validation, the published 5 for the test.
  @Test func everySingerHasItsPart() throws {
    let women = (1...9).map { ("f\($0)", "female\($0)") }
    let men = (1...11).map { ("m\($0)", "male\($0)") }
    for (short, singer) in women + men {
      try write("\(singer)/scales/belt/\(short)_scales_belt_c_a.wav")
    }
    let items = try VocalSet.readTechniques(folder.url).items
    let singers = Split.allCases.map { split in
      items.filter { $0.split == split }.map { $0.name.split(separator: "/")[0] }
    }
    #expect(
      singers[0] == [
        "female1", "female3", "female5", "female7", "male1", "male4", "male6", "male8", "male11",
      ])
    #expect(singers[1] == ["female4", "female6", "female9", "male2", "male7", "male9"])
    #expect(singers[2] == ["female2", "female8", "male3", "male5", "male10"])
  }

  @Test(arguments: ["VocalSet", "VocalSet/VocalSet11/FULL"])
  func isFoundIn(base: String) throws {
    try VocalSetFixture.write(below: folder.url, seconds: 0.01)
    let names = try VocalSet.readSingers(folder.url).items.map(\.name)
    let full = folder.path("VocalSet/FULL")
    try FileManager.default.moveItem(atPath: full, toPath: folder.path("moved"))
    if base == "VocalSet" {
      try FileManager.default.removeItem(atPath: folder.path("VocalSet"))
    } else {
      let parent = URL(fileURLWithPath: folder.path(base)).deletingLastPathComponent()
      try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
    }
    try FileManager.default.moveItem(atPath: folder.path("moved"), toPath: folder.path(base))
    #expect(try VocalSet.readSingers(folder.url).items.map(\.name) == names)
  }

  /// The name, by which parts are drawn, has no ending.
  @Test(arguments: ["flac", "mp3", "ogg", "opus", "WAV", "low.mp3"])
  func audioMayHaveAnotherEnding(ending: String) throws {
    try VocalSetFixture.write(below: folder.url, seconds: 0.01)
    let name = "male3/scales/straight/m3_scales_straight_f_a"
    try write("\(name).\(ending)")
    let dataset = try VocalSet.readTechniques(folder.url)
    let item = try #require(dataset.items.first { $0.name == name })
    #expect(item.path == folder.path("VocalSet/FULL/\(name).\(ending)") && item.split == .test)
    #expect(dataset.leftOut == deleted)
  }

  @Test func leavesOutWhatCannotBeUsed() throws {
    try VocalSetFixture.write(below: folder.url, seconds: 0.01)
    try write("male3/scales/humming/m3_scales_humming_c.wav")
    try write("male3/scales/straight/m3_scales_straight_c_a.flac")
    try write("male3/scales/straight/notes.txt")
    try write("male3/scales/vibrato/f2_scales_vibrato_a(1).wav")
    try write("male3/scales/straight/row_vibrato.wav")
    try write("male3/scales/messa/m3_scales_messa_c.wav")
    try write("male3/readme.txt")
    try write("male12/scales/straight/m12.wav")
    let techniques = try VocalSet.readTechniques(folder.url)
    #expect(
      techniques.leftOut == [
        deleted[0], deleted[1],
        Omission(
          "male3/scales/humming/m3_scales_humming_c", "'humming' is no technique of VocalSet"),
        Omission("male3/scales/straight/m3_scales_straight_c_a", "listed twice"),
        Omission("male3/scales/straight/notes", "no audio, by its ending"),
        deleted[2],
        Omission("male3/scales/vibrato/f2_scales_vibrato_a(1)", "deleted by MARBLE as well"),
      ])
    #expect(techniques.items.count == 28)
    #expect(try VocalSet.readSingers(folder.url).items.count == 29)
  }

  @Test func namesWhatIsMissing() throws {
    try folder.write(Data(), to: "VocalSet/FULL/readme.txt")
    let error = #expect(throws: DatasetError.self) { try VocalSet.readSingers(folder.url) }
    #expect(
      error?.description == folder.path("VocalSet")
        + ": has no item that can be used; it should contain "
        + "FULL/<singer>/<context>/<technique>/<file>.wav"
    )
  }
}
