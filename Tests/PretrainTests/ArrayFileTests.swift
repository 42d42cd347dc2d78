import Foundation
import Pretrain
import Tensor
import Testing

@Suite struct ArrayFileTests {
  private let array = Tensor([1.5, -2, 3, 4, 0, 6], shape: [2, 3])

  @Test(arguments: [
    (Tensor([1.5, -2, 3, 4, 0, 6], shape: [2, 3]), "<f4", "(2, 3)"),
    (Tensor([Int32(7), -8, 9]), "<i4", "(3,)"),
  ])
  func numPyReadsWhatItsFormatSays(array: Tensor, type: String, shape: String) throws {
    let folder = try LabelFolder()
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
    let folder = try LabelFolder()
    try ArrayFile.write([("x", array), ("codes", Tensor([Int32(5), 6]))], to: folder.store)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.store))
    #expect(bytes.starts(with: [0x89] + Array("HDF\r\n".utf8) + [0x1A, 0x0A]))
    let numbers = array.read { Data(buffer: $0) }
    #expect(bytes.range(of: numbers) != nil)
    #expect(bytes.range(of: Data([5, 0, 0, 0, 6, 0, 0, 0])) != nil)
    #expect(try folder.contents == ["labels.h5"])
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
        == "/none/x.h5: cannot be created; does its folder exist, and may it be written to?")
  }
}
