import Files
import Foundation
import TestSupport
import Testing

/// A few bytes of a pickle can ask for any number of values; what it builds is bounded.
@Suite struct PickleMemoryTests {
  /// A large tuple or text under number 0, a class under 1, and what is repeated.
  struct Bomb: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let start: [UInt8]
    let repeated: [UInt8]
    let count: Int
  }

  private static let none: UInt8 = 0x4E
  private static let type = [0x63] + Array("fairseq\nX\n".utf8) + [0x71, 1]
  private static func tuple(_ count: Int) -> [UInt8] {
    [0x28] + [UInt8](repeating: none, count: count) + [0x74, 0x71, 0]
  }

  static let bombs = [
    // 120 kB and 500 kB that would take 2 GB and 640 GB.
    Bomb(
      testDescription: "1,000 values named to 20,000 objects", start: tuple(1_000) + type,
      repeated: [0x68, 1, 0x68, 0, 0x7D, 0x92], count: 20_000),
    Bomb(
      testDescription: "400,000 values named to 20,000 objects", start: tuple(400_000) + type,
      repeated: [0x68, 1, 0x68, 0, 0x7D, 0x92], count: 20_000),
    Bomb(
      testDescription: "20,000 values in 20,000 objects that grow", start: tuple(20_000) + type,
      repeated: [0x68, 1, 0x68, 0, 0x52, 0x28, none, 0x65], count: 20_000),
    Bomb(
      testDescription: "dictionaries", start: [none, none], repeated: [0x7D], count: 2_000_000),
    Bomb(
      testDescription: "lists of one", start: [none, none], repeated: [0x5D, none, 0x61],
      count: 1_000_000),
    Bomb(
      testDescription: "tuples of one", start: [none, none], repeated: [none, 0x85],
      count: 1_000_000),
  ]

  @Test(arguments: bombs)
  func whatTakesTooMuchIsRefused(bomb: Bomb) throws {
    let object =
      [0x80, 2, 0x28] + bomb.start + [0x28]
      + (0..<bomb.count).flatMap { _ in bomb.repeated } + [0x74, 0x74, 0x2E]
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("bomb.pt")
      try (TorchFileTests.rowOfPickles(Data(object)) + Data([0x80, 2, 0x5D, 0x2E])).write(to: url)
      let duration = ContinuousClock().measure {
        expectError("bomb.pt: ", "builds values of more than 160 MiB") {
          _ = try TorchFile(contentsOf: url)
        }
      }
      #expect(duration < .seconds(20))
    }
  }

  /// A fairseq checkpoint keeps the dictionary of its labels: words, counts, and a number for each word.
  @Test func aLargeVocabularyIsRead() throws {
    var words: [UInt8] = [0x7D, 0x28]
    for number in 0..<200_000 {
      let word = Array("word-\(number)".utf8)
      words += [0x58, UInt8(word.count), 0, 0, 0] + word
      words += [0x4A] + withUnsafeBytes(of: Int32(number)) { Array($0) }
    }
    let object = Data([0x80, 2]) + Data(words) + Data([0x75, 0x2E])
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("words.pt")
      try (TorchFileTests.rowOfPickles(object) + Data([0x80, 2, 0x5D, 0x2E])).write(to: url)
      #expect(try TorchFile(contentsOf: url).names.isEmpty)
    }
  }

  /// Arguments by name would be lost where only those in order are read.
  @Test func argumentsByNameOfATensorAreRefused() throws {
    let object = Data(
      [0x80, 2, 0x63] + Array("collections\nOrderedDict\n".utf8) + [0x29, 0x7D, 0x92, 0x2E])
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("x.pt")
      try (TorchFileTests.rowOfPickles(object) + Data([0x80, 2, 0x5D, 0x2E])).write(to: url)
      expectError("x.pt: ", "its pickle is damaged") { _ = try TorchFile(contentsOf: url) }
    }
  }
}
