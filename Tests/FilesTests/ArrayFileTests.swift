import Files
import Foundation
import HDF5
import Tensor
import TestSupport
import Testing

@Suite struct ArrayFileTests {
  private let array = Tensor([1.5, -2, 3, 4, 0, 6], shape: [2, 3])

  @Test(arguments: [
    (Tensor([1.5, -2, 3, 4, 0, 6], shape: [2, 3]), "<f4", "(2, 3)"),
    (Tensor([Int32(7), -8, 9]), "<i4", "(3,)"),
  ])
  func numPyReadsWhatItsFormatSays(array: Tensor, type: String, shape: String) throws {
    let folder = try TestFolder()
    let path = folder.url.path + "/a.npy"
    try ArrayFile.write([("any", array)], to: path)
    let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
    #expect(Array(bytes[0..<8]) == [0x93] + Array("NUMPY".utf8) + [1, 0])
    let length = Int(bytes[8]) + 256 * Int(bytes[9])
    #expect((10 + length) % 64 == 0)
    let text = String(decoding: bytes[10..<10 + length], as: UTF8.self)
    #expect(
      text.hasPrefix("{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }")
        && text.hasSuffix("\n"))
    let elements = bytes[(10 + length)...]
    #expect(elements.count == 4 * array.elementCount)
    let first = elements.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
    #expect(first == (array.dtype == .int32 ? 7 : Float(1.5).bitPattern))
  }

  @Test func hdf5HoldsTheNumbersAsTheyAre() throws {
    let folder = try TestFolder()
    try ArrayFile.write([("x", array), ("codes", Tensor([Int32(5), 6]))], to: folder.path("x.h5"))
    let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.path("x.h5")))
    #expect(bytes.starts(with: [0x89] + Array("HDF\r\n".utf8) + [0x1A, 0x0A]))
    let numbers = array.read { Data(buffer: $0) }
    #expect(bytes.range(of: numbers) != nil)
    #expect(bytes.range(of: Data([5, 0, 0, 0, 6, 0, 0, 0])) != nil)
    #expect(try folder.names == ["x.h5"])
  }

  /// Rows that come block by block make the array that comes at once.
  @Test(arguments: ArrayFile.Format.allCases)
  func rowsMayComeInBlocks(format: ArrayFile.Format) throws {
    let folder = try TestFolder()
    let path = "\(folder.url.path)/a.\(format.rawValue)"
    let whole = Tensor((0..<35_000).map { Float($0) - 7.5 }, shape: [7000, 5])
    try ArrayFile.write("rows", rowsOf: 5, to: path, metadata: ["kind": "some"]) { add in
      for rows in [0..<1, 1..<6800, 6800..<7000] { try add(whole.sliced(axis: 0, rows)) }
    }
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    switch format {
    case .npy:
      let other = "\(folder.url.path)/b.npy"
      try ArrayFile.write([("rows", whole)], to: other)
      let isEqual = try bytes == Data(contentsOf: URL(fileURLWithPath: other))
      #expect(isEqual)
    case .safetensors:
      let file = try SafeTensors(contentsOf: URL(fileURLWithPath: path))
      let rows = try file.tensor("rows")
      let isEqual = rows.shape == whole.shape && rows.scalars == whole.scalars
      #expect(isEqual && file.metadata == ["format": "pt", "kind": "some"])
    case .h5:
      // A chunk of 6553 rows and its checksum, and one that is not full.
      let isThere = whole.read { values in
        let bounds = [0..<6553 * 5, 6553 * 5..<35_000]
        return bounds.allSatisfy { range in
          bytes.range(of: Data(buffer: UnsafeBufferPointer(rebasing: values[range]))) != nil
        }
      }
      #expect(isThere)
    }
    // What breaks off leaves the old file.
    #expect(throws: Interruption.self) {
      try ArrayFile.write("rows", rowsOf: 5, to: path) { add in
        try add(whole)
        throw Interruption()
      }
    }
    let isUntouched = try bytes == Data(contentsOf: URL(fileURLWithPath: path))
    #expect(isUntouched)
  }

  @Test func namesThatCannotBeAreRefused() throws {
    #expect(
      complaint { _ = try ArrayFile.format(of: "a/b.txt") }
        == "a/b.txt: the name does not tell the format; end it in .safetensors, .npy or .h5")
    #expect(try ArrayFile.format(of: "x.H5") == .h5)
    #expect(
      complaint { try ArrayFile.write([("a", array), ("b", array)], to: "/none/x.npy") }
        == "/none/x.npy: a .npy file holds one array and there are 2; end the name in "
        + ".safetensors or .h5")
    #expect(
      complaint { try ArrayFile.write([("a", array)], to: "/none/x.h5") }
        == "/none/x.h5: cannot be written: no such file or folder; make its folder first")
  }
}

private struct Interruption: Error {}
