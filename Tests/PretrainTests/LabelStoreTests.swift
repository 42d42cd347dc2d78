import Audio
import CHDF5
import Files
import Foundation
import HDF5
import Pretrain
import Tensor
import TestSupport
import Testing

/// A store that lives as long as the test.
final class LabelFolder {
  let url = FileManager.default.temporaryDirectory
    .appendingPathComponent("etude-labels-\(UUID().uuidString)")
  var store: String { url.appendingPathComponent("labels.h5").path }

  init() throws {
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  var contents: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() }
  }

  func writer(sizes: [Int] = [500], teacher: String = "k-means of MFCC") throws -> LabelStoreWriter
  {
    try LabelStoreWriter(
      at: store,
      description: .init(
        teacher: teacher, rate: LabelRate(sampleRate: 24_000, hop: 320), codebookSizes: sizes,
        creator: "etude tests"))
  }
}

/// Codes `[books, frames]` below 500 that differ by file.
func someCodes(books: Int = 1, frames: Int, seed: Int) -> Tensor {
  Tensor(
    (0..<books * frames).map { Int32(($0 * 7919 + seed * 104_729) % 500) }, shape: [books, frames])
}

@Suite struct LabelStoreTests {
  @Test(arguments: [[500], [500, 500, 1024], [100_000, 500]])
  func whatIsWrittenIsRead(sizes: [Int]) throws {
    let folder = try LabelFolder()
    let names = [
      "a.wav", "sub/folder/b c.flac", "../up.wav", "ünï/🎹.wav", "tab\tnew\nline", "/absolute",
      "e\u{301}.wav", "\u{e9}.wav",
    ]
    let writer = try folder.writer(sizes: sizes)
    for (index, name) in names.enumerated() {
      let codes = someCodes(books: sizes.count, frames: 75 + index, seed: index)
      try writer.append(
        name, codes: codes, samples: 24_000 + 320 * index, audioHash: .max - UInt64(index))
    }
    try writer.finish()
    #expect(try folder.contents == ["labels.h5"])
    let store = try LabelStore(at: folder.store)
    #expect(store.files.map { Array($0.name.utf8) } == names.map { Array($0.utf8) })
    #expect(store.description.teacher == "k-means of MFCC")
    #expect(store.description.codebookSizes == sizes)
    #expect(store.description.creator == "etude tests")
    #expect(store.description.rate.labelsPerSecond == 75)
    for (index, name) in names.enumerated() {
      let expected = someCodes(books: sizes.count, frames: 75 + index, seed: index)
      let codes = try store.codes(of: name)
      #expect(codes.integers == expected.integers)
      #expect(codes.shape == expected.shape)
      let file = try store.file(named: name)
      #expect(file.samples == 24_000 + 320 * index && file.audioHash == .max - UInt64(index))
      #expect(file.frames == 75 + index)
    }
  }

  @Test func aCropIsTheSliceOfTheWhole() throws {
    let folder = try LabelFolder()
    let writer = try folder.writer(sizes: [500, 500])
    // Longer than a chunk, so that crops cross from one to the next.
    for index in 0..<3 {
      let codes = someCodes(books: 2, frames: 7000, seed: index)
      try writer.append("\(index)", codes: codes, samples: 7000 * 320, audioHash: 0)
    }
    try writer.finish()
    let store = try LabelStore(at: folder.store)
    for range in [0..<1, 6999..<7000, 1180..<1200, 3000..<6000, 5..<5] {
      let whole = someCodes(books: 2, frames: 7000, seed: 1).integers
      let crop = try store.codes(of: "1", frames: range)
      let expected =
        Array(whole[range]) + Array(whole[7000 + range.lowerBound..<7000 + range.upperBound])
      #expect(crop.integers == expected)
      #expect(crop.shape == [2, range.count])
    }
  }

  /// Five seconds of eight codebooks at 75 labels a second, anywhere in an hour and a half.
  @Test func aCropIsReadInLessThanAMillisecond() throws {
    let folder = try LabelFolder()
    let writer = try folder.writer(sizes: Array(repeating: 1024, count: 8))
    let (frames, crop) = (400_000, 375)
    let codes = Tensor((0..<8 * frames).map { Int32($0 * 7919 % 1024) }, shape: [8, frames])
    try writer.append("a", codes: codes, samples: frames * 320, audioHash: 0)
    try writer.finish()
    let store = try LabelStore(at: folder.store)
    var stream = RandomStream(seed: 1, purpose: .crop)
    // The best of many: other tests wait for HDF5, too.
    let durations = try (0..<500).map { _ in
      let start = Int.random(in: 0..<frames - crop, using: &stream)
      return try ContinuousClock().measure {
        _ = try store.codes(of: "a", frames: start..<start + crop)
      }
    }
    let best = durations.sorted()[25]
    #expect(best < .milliseconds(1), "a crop took \(best)")
  }

  /// A store of before has no table of hashes: then the codes are read, and the hash is the same.
  @Test func theHashOfAFilesCodesIsStored() throws {
    let folder = try LabelFolder()
    let writer = try folder.writer(sizes: [500, 500])
    let codes = (0..<3).map { someCodes(books: 2, frames: 75, seed: $0) }
    for (index, codes) in codes.enumerated() {
      try writer.append("\(index)", codes: codes, samples: 24_000, audioHash: 0)
    }
    try writer.finish()
    let expected = codes.map { codes in
      var hash = ContentHash()
      hash.update(codes.integers.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8), 0, 0] })
      return hash.value
    }
    func hashes() throws -> [UInt64] {
      let store = try LabelStore(at: folder.store)
      return try (0..<3).map { try store.contentHash(of: "\($0)") }
    }
    #expect(try hashes() == expected)
    HDF5.run {
      let file = H5Fopen(folder.store, 1 /* H5F_ACC_RDWR */, 0)
      H5Ldelete(file, "hashes", 0)
      H5Fclose(file)
    }
    #expect(try hashes() == expected)
  }

  @Test func severalThreadsReadAtOnce() async throws {
    let folder = try LabelFolder()
    let writer = try folder.writer()
    for index in 0..<40 {
      try writer.append(
        "\(index)", codes: someCodes(frames: 50, seed: index), samples: 16_000, audioHash: 0)
    }
    try writer.finish()
    let store = try LabelStore(at: folder.store)
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for index in 0..<40 {
        group.addTask {
          let codes = try store.codes(of: "\(index)")
          return codes.integers == someCodes(frames: 50, seed: index).integers
        }
      }
      for try await isEqual in group { #expect(isEqual) }
    }
  }

  @Test func nothingStaysOfAnUnfinishedStore() throws {
    let folder = try LabelFolder()
    var writer: LabelStoreWriter? = try folder.writer()
    try writer?.append("a", codes: someCodes(frames: 75, seed: 1), samples: 24_000, audioHash: 0)
    #expect(try folder.contents.count == 1)
    #expect(complaint { _ = try LabelStore(at: folder.store) }.contains("no such label store"))
    writer = nil
    #expect(try folder.contents == [])
  }

  @Test func aFinishedStoreStaysUntilTheNextIsFinished() throws {
    let folder = try LabelFolder()
    for name in ["old", "new"] {
      let writer = try folder.writer(teacher: name)
      if name == "new" {
        #expect(try LabelStore(at: folder.store).description.teacher == "old")
      }
      try writer.append("a", codes: someCodes(frames: 75, seed: 1), samples: 24_000, audioHash: 0)
      try writer.finish()
      #expect(try LabelStore(at: folder.store).description.teacher == name)
    }
  }

  @Test func aTeacherMayBeDescribedAtLengthOrNotAtAll() throws {
    for teacher in ["", "é", String(repeating: "long ", count: 40_000)] {
      let folder = try LabelFolder()
      let writer = try folder.writer(teacher: teacher)
      try writer.append("a", codes: someCodes(frames: 75, seed: 1), samples: 24_000, audioHash: 0)
      try writer.finish()
      #expect(try LabelStore(at: folder.store).description.teacher == teacher)
    }
  }
}

@Suite struct ContentHashTests {
  /// Published test values of XXH64 with seed 0.
  @Test(arguments: [
    ("", 0xEF46_DB37_51D8_E999), ("a", 0xD24E_C4F1_A98C_6E5B), ("abc", 0x44BC_2CF5_AD77_0999),
    ("Nobody inspects the spammish repetition", 0xFBCE_A83C_8A37_8BF1),
  ])
  func knownValues(text: String, expected: UInt64) {
    var hash = ContentHash()
    hash.update(Data(text.utf8))
    #expect(hash.value == expected)
  }

  @Test func theCutOfTheStreamMakesNoDifference() throws {
    let bytes = Data((0..<3_000_001).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) })
    var whole = ContentHash()
    whole.update(bytes)
    for block in [1000, 4099, 65_536] {
      var hash = ContentHash()
      for start in stride(from: 0, to: bytes.count, by: block) {
        hash.update(bytes[start..<min(start + block, bytes.count)])
      }
      #expect(hash.value == whole.value)
    }
    let folder = try LabelFolder()
    try bytes.write(to: folder.url.appendingPathComponent("x"))
    #expect(try ContentHash.ofFile(at: folder.url.path + "/x") == whole.value)
  }

  @Test func everyBitCounts() {
    var seen: Set<UInt64> = []
    for bit in 0..<50 * 8 {
      var bytes = Data(repeating: 0, count: 50)
      bytes[bit / 8] = 1 << (bit % 8)
      var hash = ContentHash()
      hash.update(bytes)
      seen.insert(hash.value)
    }
    #expect(seen.count == 50 * 8)
  }

  @Test func aMissingFileIsNamed() {
    #expect(
      complaint { _ = try ContentHash.ofFile(at: "/no/such.wav") }
        == "/no/such.wav: no such file; check the path")
  }
}
