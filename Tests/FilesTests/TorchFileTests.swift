import Files
import Foundation
import Tensor
import TestSupport
import Testing

/// Files of `torch.save`, see Golden/pytorch_files.py.
@Suite struct TorchFileTests {
  static let folder = goldenFolder.appendingPathComponent("pytorch")

  @Test(arguments: ["tensors.pt", "legacy.pt", "protocol4.pt"])
  func readsWhatPyTorchWrites(name: String) throws {
    let file = try TorchFile(contentsOf: Self.folder.appendingPathComponent(name))
    let expected = try SafeTensors(
      contentsOf: Self.folder.appendingPathComponent("expected.safetensors"))
    #expect(file.names == expected.names.sorted() && file.names.count == 17)
    for name in file.names {
      let (tensor, expected) = (try file.tensor(name), try expected.tensor(name))
      #expect(tensor.shape == expected.shape && tensor.dtype == expected.dtype, "\(name)")
      if tensor.dtype == .int32 {
        #expect(tensor.integers == expected.integers, "\(name)")
      } else {
        #expect(
          tensor.scalars.map(\.bitPattern) == expected.scalars.map(\.bitPattern), "\(name)")
      }
    }
  }

  @Test func refusesWhatItCannotHold() throws {
    let file = try TorchFile(contentsOf: Self.folder.appendingPathComponent("large.pt"))
    expectError("large.pt: tensor 'large': it holds 2147483648, which does not fit 32 bits") {
      _ = try file.tensor("large")
    }
    expectError("holds no tensor 'small'; it has 'large'") { _ = try file.tensor("small") }
    expectError("absent.pt: cannot be read") {
      _ = try TorchFile(contentsOf: Self.folder.appendingPathComponent("absent.pt"))
    }
  }

  struct Hostile: Decodable, CustomTestStringConvertible {
    var name, problem: String
    var pickle: Data
    var testDescription: String { name }
  }

  static let hostile = try! JSONDecoder().decode(
    [Hostile].self, from: Data(contentsOf: folder.appendingPathComponent("hostile.json")))

  @Test(arguments: hostile)
  func refusesAHostilePickle(hostile: Hostile) throws {
    try expectRefusal(of: Self.rowOfPickles(hostile.pickle), hostile.problem)
  }

  @Test func refusesAPickleThatWouldTakeAllMemory() throws {
    let none = Data(repeating: 0x4E, count: 2_000_001)
    try expectRefusal(
      of: Self.rowOfPickles(Data([0x80, 2]) + none + Data([0x2E])), "more than 160 MiB")
  }

  /// A tuple in a tuple, 300,000 times over: no stack of ours grows with it.
  @Test func readsWhatIsNestedDeeply() throws {
    let tuples = Data(repeating: 0x85, count: 300_000)
    let object = Data([0x80, 2, 0x4E]) + tuples + Data([0x2E])
    let keys = Data([0x80, 2, 0x5D, 0x2E])
    let file = try withFile(Self.rowOfPickles(object + keys)) { try TorchFile(contentsOf: $0) }
    #expect(file.names.isEmpty)
  }

  /// A hostile file runs nothing: what one of them would make is not there.
  @Test func nothingWasRun() {
    #expect(!FileManager.default.fileExists(atPath: "etude-was-here"))
  }

  /// Damage to the ZIP file, by the byte counted from a signature's last occurrence.
  @Test(arguments: [
    (0x0201_4B50, 10, 8, "is compressed or encrypted"),
    (0x0201_4B50, 8, 1, "is compressed or encrypted"),
    (0x0201_4B50, 0, 0, "directory is damaged"),
    (0x0201_4B50, 46, 0x58, "has another name in the directory"),
    (0x0201_4B50, 42, 0, "is damaged"),
    (0x0403_4B50, 0, 0, "is damaged"),
    (0x0605_4B50, 0, 0, "ZIP directory is missing"),
    (0x0605_4B50, 20, 9, "ZIP directory is missing"),
  ])
  func refusesADamagedArchive(signature: UInt32, offset: Int, value: UInt8, problem: String) throws
  {
    var bytes = try Data(contentsOf: Self.folder.appendingPathComponent("large.pt"))
    let mark = withUnsafeBytes(of: signature.littleEndian) { Data($0) }
    let place = try #require(bytes.range(of: mark, options: .backwards)).lowerBound
    bytes[place + offset] = value
    try expectRefusal(of: bytes, problem)
  }

  @Test(arguments: [0, 3, 4, 30, 500, 1400])
  func refusesACutFile(count: Int) throws {
    let bytes = try Data(contentsOf: Self.folder.appendingPathComponent("large.pt"))
    try expectRefusal(of: bytes.prefix(count), "")
  }

  /// What stands before the object in the form of old PyTorch.
  static func rowOfPickles(_ object: Data) -> Data {
    let magic: [UInt8] = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]
    let version: [UInt8] = [0x80, 2, 0x4D, 0xE9, 3, 0x2E]
    let key = Array("little_endian".utf8)
    let machine = [0x80, 2, 0x7D, 0x58, UInt8(key.count), 0, 0, 0] + key + [0x88, 0x73, 0x2E]
    return Data([0x80, 2, 0x8A, 10] + magic + [0x2E] + version + machine) + object
  }

  private func expectRefusal(of bytes: Data, _ problem: String) throws {
    try withFile(bytes) { url in
      expectError("x.pt: not a checkpoint of PyTorch", problem) {
        _ = try TorchFile(contentsOf: url)
      }
    }
  }

  private func withFile<Result>(_ bytes: Data, _ body: (URL) throws -> Result) throws -> Result {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("x.pt")
      try bytes.write(to: url)
      return try body(url)
    }
  }
}
