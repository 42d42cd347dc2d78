import Files
import Foundation
import Tensor
import TestSupport
import Testing

@Suite struct SafeTensorsTests {
  static let types = goldenFolder.appendingPathComponent("types.safetensors")

  @Test func readsWhatTheReferenceWrites() throws {
    let file = try SafeTensors(contentsOf: Self.types)
    let values: [Float] = [0.5, -1.25, 3, 65504, -0.0, 0x1p-24]
    #expect(try file.tensor("float32").scalars.map(\.bitPattern) == values.map(\.bitPattern))
    #expect(try file.tensor("float16").scalars.map(\.bitPattern) == values.map(\.bitPattern))
    #expect(try file.tensor("bfloat16").scalars == [0.5, -1.25, 3, 65536, -0.0, 0x1p-24])
    #expect(try file.tensor("int32").integers == [.min, 0, .max])
    #expect(try file.tensor("int64").integers == [-7, 8])
    #expect(try file.tensor("scalar").scalar == 2.5)
    #expect(try file.tensor("double").scalar == 1)
    #expect(try file.tensor("empty").shape == [0, 3])
    #expect(file.shape(of: "float32") == [2, 3])
    #expect(file.metadata == ["format": "pt"])
  }

  @Test(arguments: [
    ("large", "holds 2147483648, which does not fit 32 bits"),
    ("absent", "holds no tensor 'absent'"),
  ])
  func refusesWhatItCannotHold(name: String, problem: String) throws {
    let file = try SafeTensors(contentsOf: Self.types)
    let error = #expect(throws: FileError.self) { try file.tensor(name) }
    #expect(error.map(String.init(describing:))?.contains(problem) == true)
  }

  @Test func roundTripIsExact() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("a.safetensors")
      let floats = Tensor(
        [Float.nan, -0.0, .infinity, .leastNonzeroMagnitude, 1, 2], shape: [2, 3])
      try SafeTensors.write(
        [("b", floats), ("a", Tensor([Int32(7)])), ("none", .zeros([0, 4]))], to: url,
        metadata: ["note": "a \"quoted\" / é"])
      let file = try SafeTensors(contentsOf: url)
      #expect(try file.tensor("b").scalars.map(\.bitPattern) == floats.scalars.map(\.bitPattern))
      #expect(try file.tensor("b").shape == [2, 3])
      #expect(try file.tensor("a").integers == [7])
      #expect(try file.tensor("none").shape == [0, 4])
      #expect(file.metadata == ["note": "a \"quoted\" / é"])
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 1)
    }
  }

  @Test func aFailedWriteLeavesTheOldFile() throws {
    struct Interruption: Error {}
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("a.txt")
      try AtomicFile.write(Data("old".utf8), to: url)
      #expect(throws: Interruption.self) {
        try AtomicFile.write(to: url) { file in
          try file.write(contentsOf: Data("new".utf8))
          throw Interruption()
        }
      }
      #expect(try String(contentsOf: url, encoding: .utf8) == "old")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 1)
    }
  }

  /// Headers that lie, with the number of data bytes that follow and what is said about them.
  static let hostile: [(header: String, byteCount: Int, problem: String)] = [
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}"#, 4, "not the JSON"),
    ("[]", 0, "not the JSON"),
    (#"{"a":{"dtype":"F32","shape":[1]}}"#, 4, "not the JSON"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 8, "take 4 bytes and 8"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 3, "take 4 bytes and 3"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 8, "after a hole"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}"#, 0, "offsets"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, 4, "offsets"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}"#, 8, "offsets"),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, 4, "needs 8 bytes and has 4"),
    (#"{"a":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}}"#, 4, "unknown type 'F31'"),
    (#"{"a":{"dtype":"F32","shape":[-1,-1],"data_offsets":[0,4]}}"#, 4, "impossible shape"),
    (
      #"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}"#, 0,
      "impossible shape"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"#
        + #""b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}"#, 6, "overlaps"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"#
        + #""b":{"dtype":"I32","shape":[1],"data_offsets":[0,4]}}"#, 4, "overlaps"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"#
        + #""\u0061":{"dtype":"I32","shape":[1],"data_offsets":[0,4]}}"#, 4, "'a' twice"
    ),
    (
      #"{"a":{"dtype":"F32","dtype":"I32","shape":[1],"data_offsets":[0,4]}}"#, 4,
      "'dtype' twice"
    ),
  ]

  @Test(arguments: hostile.indices)
  func refusesAHostileHeader(index: Int) throws {
    let (header, byteCount, problem) = Self.hostile[index]
    let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) }
    try expectRefusal(of: length + Data(header.utf8) + Data(count: byteCount), problem)
  }

  @Test(arguments: [UInt64.max, 1 << 40, 100_000_001, 9])
  func refusesAHeaderLongerThanTheFile(length: UInt64) throws {
    let bytes = withUnsafeBytes(of: length.littleEndian) { Data($0) } + Data("{}      ".utf8)
    try expectRefusal(of: bytes, "header claims \(length)")
  }

  @Test func refusesAStub() throws { try expectRefusal(of: Data([1, 2, 3]), "only 3 bytes") }

  @Test func namesTheMissingFile() {
    let error = #expect(throws: FileError.self) {
      try SafeTensors(contentsOf: goldenFolder.appendingPathComponent("absent.safetensors"))
    }
    #expect(error.map(String.init(describing:))?.contains("absent.safetensors") == true)
  }

  private func expectRefusal(of bytes: Data, _ problem: String) throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("x.safetensors")
      try bytes.write(to: url)
      let error = #expect(throws: FileError.self) { try SafeTensors(contentsOf: url) }
      let text = error.map(String.init(describing:)) ?? ""
      #expect(text.contains(problem), "got: \(text)")
      #expect(text.contains("x.safetensors"))
    }
  }
}
