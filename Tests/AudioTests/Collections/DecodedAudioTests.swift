import Audio
import Foundation
import TestSupport
import Testing

@Suite struct DecodedAudioTests {
  private func music() throws -> (TestFolder, Manifest) {
    let folder = try TestFolder()
    var entries: [Manifest.Entry] = []
    for (index, rate) in [16_000, 44_100, 24_000, 8000].enumerated() {
      let name = "\(index).wav"
      try AudioFile.write(
        tones(rate * (index + 1), sampleRate: rate), sampleRate: rate, to: folder.path(name))
      entries.append(Manifest.Entry(path: name, samples: rate * (index + 1)))
    }
    return (folder, Manifest(root: folder.path, entries: entries))
  }

  @Test func cropsEqualWhatDecodingGives() throws {
    let (folder, manifest) = try music()
    let decoded = try DecodedAudio(manifest, sampleRate: 24_000, scratchFolder: folder.path)
    #expect(decoded.count == 4 && decoded.skipped.isEmpty)
    #expect(decoded.seconds == 10)
    for file in 0..<4 {
      let direct = try AudioFile.decode(folder.path("\(file).wav"), sampleRate: 24_000)
      #expect(decoded.samples(of: file) == direct.count)
      let crop = decoded.crop(file: file, start: 777, length: 12_345)
      #expect(crop == Array(direct[777..<777 + 12_345]))
      #expect(decoded.crop(file: file, start: 0, length: direct.count) == direct)
    }
  }

  @Test func brokenFilesAreLeftOutAndReported() throws {
    let (folder, sound) = try music()
    var manifest = sound
    for broken in BrokenFile.allCases {
      _ = try broken.make(in: folder)
      manifest.entries.insert(Manifest.Entry(path: broken.name, samples: 1), at: 1)
    }
    let decoded = try DecodedAudio(manifest, sampleRate: 16_000, scratchFolder: folder.path)
    #expect(decoded.files.map(\.path) == ["0.wav", "1.wav", "2.wav", "3.wav"])
    #expect(decoded.files.map(\.samples) == [16_000, 32_000, 48_000, 64_000])
    #expect(Set(decoded.skipped.map(\.path)) == Set(BrokenFile.allCases.map(\.name)))
    for broken in BrokenFile.allCases {
      let reason = decoded.skipped.first { $0.path == broken.name }?.reason ?? ""
      #expect(reason.contains(broken.complaint), "\(broken): \(reason)")
    }
  }

  @Test func nothingIsLeftInTheScratchFolder() throws {
    let (folder, manifest) = try music()
    let scratch = try TestFolder()
    let decoded = try DecodedAudio(manifest, sampleRate: 24_000, scratchFolder: scratch.path)
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).isEmpty)
    #expect(decoded.crop(file: 3, start: 0, length: 1).count == 1)
    withExtendedLifetime(folder) {}
  }

  @Test func theMappingGoesWithTheObject() throws {
    let (folder, manifest) = try music()
    let scratch = try TestFolder()
    func mappings() throws -> Int {
      try String(contentsOfFile: "/proc/self/maps", encoding: .utf8)
        .split(separator: "\n").count { $0.contains(scratch.path) }
    }
    var decoded: DecodedAudio? = try DecodedAudio(
      manifest, sampleRate: 24_000, scratchFolder: scratch.path)
    #expect(try mappings() == 1)
    #expect(decoded?.count == 4)
    decoded = nil
    #expect(try mappings() == 0)
    withExtendedLifetime(folder) {}
  }

  @Test func aFolderThatCannotHoldItIsAnError() throws {
    let (folder, manifest) = try music()
    let error = #expect(throws: AudioError.self) {
      try DecodedAudio(manifest, sampleRate: 24_000, scratchFolder: folder.path("no/such"))
    }
    #expect(error?.description.contains("name a writable folder") == true)
  }

  @Test func cropsOutsideTheFileTrap() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let folder = try TestFolder()
      try AudioFile.write(
        tones(16_000, sampleRate: 16_000), sampleRate: 16_000, to: folder.path("a.wav"))
      let manifest = Manifest(
        root: folder.path, entries: [Manifest.Entry(path: "a.wav", samples: 16_000)])
      let decoded = try DecodedAudio(manifest, sampleRate: 16_000, scratchFolder: folder.path)
      _ = decoded.crop(file: 0, start: 15_000, length: 1001)
    }
    expectWords("crop: 15000..<16001 is not within file 0, which has 16000 samples", in: result)
  }
}
