import Evaluate
import Foundation
import TestSupport
import Testing

@Suite struct MUSDB18Tests {
  private let folder: TestFolder

  init() throws {
    folder = try TestFolder()
    try MUSDB18Fixture.write(below: folder.url, seconds: 0.01)
  }

  private func read() throws -> LabelledDataset { try MUSDB18.read(folder.url) }

  private func names(_ dataset: LabelledDataset, _ split: Split) -> [String] {
    dataset.items.filter { $0.split == split }.map(\.name)
  }

  @Test func validatesOnNamedSongs() throws {
    let dataset = try read()
    #expect(names(dataset, .train) == ["Band - First", "Band - Second", "Band - Third"])
    #expect(
      names(dataset, .valid)
        == ["Leaf - Summerghost", "Meaxic - Take A Step", "Triviul - Angelsaint"])
    #expect(names(dataset, .test) == ["Other - First", "Other - Second", "Other - Third"])
    #expect(dataset.classes == ["vocals", "drums", "bass", "other"])
    #expect(dataset.leftOut.isEmpty && dataset.remarks.isEmpty)
  }

  @Test func namesAllFiles() throws {
    let item = try #require(read().items.first)
    let song = folder.path("musdb18/test/Other - First")
    #expect(item.path == "\(song)/mixture.wav")
    #expect(
      item.truth
        == .stems([
          "vocals": "\(song)/vocals.wav", "drums": "\(song)/drums.wav", "bass": "\(song)/bass.wav",
          "other": "\(song)/other.wav",
        ]))
  }

  @Test func aFolderForValidationReplacesTheNames() throws {
    let valid = folder.path("musdb18/valid")
    try FileManager.default.createDirectory(atPath: valid, withIntermediateDirectories: true)
    for name in ["Band - First", "Leaf - Summerghost"] {
      try FileManager.default.moveItem(
        atPath: folder.path("musdb18/train/\(name)"), toPath: "\(valid)/\(name)")
    }
    let dataset = try read()
    #expect(names(dataset, .valid) == ["Band - First", "Leaf - Summerghost"])
    #expect(
      names(dataset, .train)
        == ["Band - Second", "Band - Third", "Meaxic - Take A Step", "Triviul - Angelsaint"])
  }

  @Test func aSongInTwoFoldersIsMeasuredOnly() throws {
    try FileManager.default.copyItem(
      atPath: folder.path("musdb18/test/Other - First"),
      toPath: folder.path("musdb18/train/Other - First"))
    let dataset = try read()
    #expect(names(dataset, .train).count == 3 && names(dataset, .test).count == 3)
    #expect(dataset.leftOut == [Omission("Other - First", "listed twice")])
  }

  @Test func leavesOutWhatCannotBeUsed() throws {
    for name in ["Band - First", "Band - New"] {
      try folder.write(Data([0]), to: "musdb18/train/\(name).stem.mp4")
    }
    let song = "musdb18/train/Band - Second"
    try FileManager.default.removeItem(atPath: folder.path("\(song)/bass.wav"))
    try FileManager.default.removeItem(
      atPath: folder.path("musdb18/test/Other - Third/mixture.wav"))
    let dataset = try read()
    #expect(
      dataset.leftOut == [
        Omission("Other - Third", "has no mixture.wav"),
        Omission("Band - New.stem.mp4", "AAC is not decoded; convert it with musdbconvert"),
        Omission("Band - Second", "has no bass.wav"),
      ])
    #expect(Split.allCases.map(dataset.count) == [2, 3, 2])
  }

  @Test func namesWhatIsMissing() throws {
    try FileManager.default.removeItem(atPath: folder.path("musdb18/test"))
    try folder.write(Data([0]), to: "musdb18/test/Other - First.stem.mp4")
    #expect(try read().count(.test) == 0)
    try FileManager.default.removeItem(atPath: folder.path("musdb18/train"))
    let error = #expect(throws: DatasetError.self) { try read() }
    #expect(
      error?.description == folder.path("musdb18")
        + ": has no item that can be used (Other - First.stem.mp4: AAC is not decoded; "
        + "convert it with musdbconvert); it should contain "
        + "{train,test}/<Artist - Title>/{mixture,drums,bass,other,vocals}.wav")
  }

  /// Sums of stems differ from the mixture by their rounding to 16 bits alone.
  @Test func theMixtureOfTheFixtureIsTheSumOfItsStems() throws {
    let item = try #require(read().items.first)
    guard case .stems(let stems) = item.truth else {
      Issue.record("\(item.truth) is no stems")
      return
    }
    let mixture = try samples(item.path)
    let parts = try stems.values.map(samples)
    #expect(mixture.count == 120)
    for n in mixture.indices {
      #expect(abs(mixture[n] - parts.reduce(0) { $0 + $1[n] }) <= 4)
    }
  }

  private func samples(_ path: String) throws -> [Int] {
    let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)).dropFirst(44))
    return stride(from: 0, to: bytes.count, by: 2).map {
      Int(Int16(bitPattern: UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8))
    }
  }
}
