import Foundation
import Tensor

/// Writes values as a pickle of protocol 2, as `torch.save` does: a tensor is a call that rebuilds
/// it from a storage of its own. The numbers of the storage are elsewhere in the file.
///
/// - Source: CPython's `pickletools`; `torch.load(weights_only=True)` of PyTorch reads the result.
struct PickleWriter {
  private(set) var bytes = Data([0x80, 2])
  /// The tensors of the storages "0", "1", ...
  private(set) var storages: [Tensor] = []

  init(_ root: TorchValue) {
    write(root)
    bytes.append(operation: ".")
  }

  private mutating func write(_ value: TorchValue) {
    switch value {
    case .none: bytes.append(operation: "N")
    case .flag(let flag): bytes.append(flag ? 0x88 : 0x89)
    case .integer(let integer): write(integer)
    case .number(let number):
      bytes.append(operation: "G")
      withUnsafeBytes(of: number.bitPattern.bigEndian) { bytes.append(contentsOf: $0) }
    case .text(let text): write(text)
    case .list(let values):
      bytes.append(operation: "]")
      bytes.append(operation: "(")
      for value in values { write(value) }
      bytes.append(operation: "e")
    case .dictionary(let items):
      bytes.append(operation: "}")
      bytes.append(operation: "(")
      for (key, value) in items {
        write(key)
        write(value)
      }
      bytes.append(operation: "u")
    case .tensor(let tensor): write(tensor)
    }
  }

  private mutating func write(_ integer: Int) {
    if let small = Int32(exactly: integer) {
      bytes.append(operation: "J")
      bytes.append(littleEndian: small)
    } else {
      bytes.append(contentsOf: [0x8A, 8])
      bytes.append(littleEndian: integer)
    }
  }

  private mutating func write(_ text: String) {
    bytes.append(operation: "X")
    bytes.append(littleEndian: UInt32(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  private mutating func write(_ tuple: [Int]) {
    bytes.append(operation: "(")
    for integer in tuple { write(integer) }
    bytes.append(operation: "t")
  }

  /// `_rebuild_tensor_v2(storage, 0, shape, strides, False, OrderedDict())`
  private mutating func write(_ tensor: Tensor) {
    write(global: "torch._utils", "_rebuild_tensor_v2")
    bytes.append(operation: "(")
    writeStorage(of: tensor)
    write(0)
    let shape = Array(tensor.shape)
    write(shape)
    write(shape.indices.map { shape[($0 + 1)...].reduce(1, *) })
    bytes.append(0x89)
    write(global: "collections", "OrderedDict")
    bytes.append(operation: ")")
    bytes.append(operation: "R")
    bytes.append(operation: "t")
    bytes.append(operation: "R")
  }

  /// The persistent id `("storage", type, key, "cpu", count)`.
  private mutating func writeStorage(of tensor: Tensor) {
    precondition(
      tensor.dtype != .bfloat16, "TorchFile: convert bfloat16 to float32 before writing")
    bytes.append(operation: "(")
    write("storage")
    write(global: "torch", tensor.dtype == .int32 ? "IntStorage" : "FloatStorage")
    write("\(storages.count)")
    write("cpu")
    write(tensor.elementCount)
    bytes.append(operation: "t")
    bytes.append(operation: "Q")
    storages.append(tensor)
  }

  private mutating func write(global module: String, _ name: String) {
    bytes.append(operation: "c")
    bytes.append(contentsOf: "\(module)\n\(name)\n".utf8)
  }
}

extension Data {
  /// Appends an opcode that is a letter.
  fileprivate mutating func append(operation: Unicode.Scalar) { append(UInt8(ascii: operation)) }

  mutating func append(littleEndian value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }
}
