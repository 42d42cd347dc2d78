import Tensor

extension SafeTensors.Header.Entry {
  /// The tensor of these little-endian bytes.
  func decode(_ bytes: UnsafeRawBufferPointer) throws -> Tensor {
    switch dtype {
    case "F32": copy(bytes, as: Float.self)
    case "I32": copy(bytes, as: Int32.self)
    case "BF16": floats(bytes) { (bits: UInt16) in Float(bitPattern: UInt32(bits) << 16) }
    case "F64": floats(bytes) { (bits: UInt64) in Float(Double(bitPattern: bits)) }
    case "F16": floats(bytes) { (bits: UInt16) in Float(Float16(bitPattern: bits)) }
    case "I64": try narrowed(bytes)
    default:
      throw SafeTensors.Header.Problem(
        text: "is of type \(dtype), which is not read here; store it as F32")
    }
  }

  private func copy<Element: TensorElement>(
    _ bytes: UnsafeRawBufferPointer, as type: Element.Type
  ) -> Tensor {
    Tensor(shape: Shape(shape)) { (elements: UnsafeMutableBufferPointer<Element>) in
      UnsafeMutableRawBufferPointer(elements).copyMemory(from: bytes)
    }
  }

  private func floats<Bits: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: UnsafeRawBufferPointer, _ convert: (Bits) -> Float
  ) -> Tensor {
    let width = MemoryLayout<Bits>.size
    return Tensor(shape: Shape(shape)) { (elements: UnsafeMutableBufferPointer<Float>) in
      for i in elements.indices {
        elements[i] = convert(bytes.loadUnaligned(fromByteOffset: i * width, as: Bits.self))
      }
    }
  }

  /// Tensors hold 32-bit integers; a value that does not fit is an error.
  private func narrowed(_ bytes: UnsafeRawBufferPointer) throws -> Tensor {
    try Tensor(shape: Shape(shape)) { (elements: UnsafeMutableBufferPointer<Int32>) in
      for i in elements.indices {
        let value = bytes.loadUnaligned(fromByteOffset: i * 8, as: Int64.self)
        guard let small = Int32(exactly: value) else {
          throw SafeTensors.Header.Problem(text: "holds \(value), which does not fit 32 bits")
        }
        elements[i] = small
      }
    }
  }
}
