import Foundation
import Tensor

/// Named tensors as bytes for another rank: the length of a header, the header (JSON: name, type, shape), the elements.
public enum TensorBundle {
  /// What the header says of a tensor.
  struct Entry: Codable {
    var name: String
    var dtype: DType
    var shape: [Int]

    init(_ name: String, _ tensor: Tensor) {
      (self.name, dtype, shape) = (name, tensor.dtype, Array(tensor.shape))
    }

    var byteCount: Int { shape.reduce(1, *) * dtype.byteCount }
  }

  /// Tensors as bytes.
  public static func data(_ tensors: [String: Tensor]) throws -> Data {
    let sorted = tensors.sorted { $0.key < $1.key }
    let header = try JSONEncoder().encode(sorted.map { Entry($0.key, $0.value) })
    var data = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Data($0) } + header
    for (_, tensor) in sorted { tensor.readBytes { data.append(contentsOf: $0) } }
    return data
  }

  /// Tensors from bytes.
  /// - Throws: If the bytes are not those of `data`.
  public static func tensors(_ data: Data) throws -> [String: Tensor] {
    guard data.count >= 8 else { return [:] }
    let length = data.prefix(8).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
    let entries = try JSONDecoder().decode([Entry].self, from: data.dropFirst(8).prefix(length))
    var rest = data.dropFirst(8 + length)
    var tensors: [String: Tensor] = [:]
    for entry in entries {
      guard rest.count >= entry.byteCount else { throw ClusterError.library("a message is short") }
      tensors[entry.name] = Tensor(entry) { $0.copyBytes(from: rest.prefix(entry.byteCount)) }
      rest = rest.dropFirst(entry.byteCount)
    }
    return tensors
  }
}

extension Ranks {
  /// The tensors of the first rank, one after the other, so that none is held twice.
  ///
  /// - Parameter tensors: Those of the first rank; of the others, nothing counts.
  public func broadcast(_ tensors: [String: Tensor]) throws -> [String: Tensor] {
    guard count > 1 else { return tensors }
    let sorted = tensors.sorted { $0.key < $1.key }
    let entries = try lead { sorted.map { TensorBundle.Entry($0.key, $0.value) } }
    var all = isFirst ? tensors : [:]
    for entry in entries {
      if isFirst {
        // A copy shares the memory, and the root's bytes are only read.
        try all[entry.name]!.readBytes {
          try communicator.broadcast(UnsafeMutableRawBufferPointer(mutating: $0), from: 0, .endless)
        }
      } else {
        all[entry.name] = try Tensor(entry) { try communicator.broadcast($0, from: 0, .endless) }
      }
    }
    return all
  }
}

extension Tensor {
  /// A tensor whose bytes `write` sets.
  fileprivate init(
    _ entry: TensorBundle.Entry, _ write: (UnsafeMutableRawBufferPointer) throws -> Void
  ) rethrows {
    let shape = Shape(entry.shape)
    switch entry.dtype {
    case .float32:
      try self.init(shape: shape) { (bytes: UnsafeMutableBufferPointer<Float>) in
        try write(UnsafeMutableRawBufferPointer(bytes))
      }
    case .bfloat16:
      try self.init(shape: shape) { (bytes: UnsafeMutableBufferPointer<BFloat16>) in
        try write(UnsafeMutableRawBufferPointer(bytes))
      }
    case .int32:
      try self.init(shape: shape) { (bytes: UnsafeMutableBufferPointer<Int32>) in
        try write(UnsafeMutableRawBufferPointer(bytes))
      }
    }
  }

  /// Calls `body` with the bytes of the elements, read-only.
  fileprivate func readBytes<Result>(
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    switch dtype {
    case .float32: try read(as: Float.self) { try body(UnsafeRawBufferPointer($0)) }
    case .bfloat16: try read(as: BFloat16.self) { try body(UnsafeRawBufferPointer($0)) }
    case .int32: try read(as: Int32.self) { try body(UnsafeRawBufferPointer($0)) }
    }
  }
}
