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
  /// - Parameters:
  ///   - tensors: Those of the first rank; of the others, nothing counts.
  ///   - isKept: Whether a rank wants the tensor of a name.
  public func broadcast(
    _ tensors: [String: Tensor], keeping isKept: (String) -> Bool = { _ in true }
  ) throws -> [String: Tensor] {
    guard count > 1 else { return tensors }
    var kept: [String: Tensor] = [:]
    for name in try lead({ tensors.keys.sorted() }) {
      let tensor = try broadcast(tensors[name].map { [$0] } ?? [], from: 0)[0]
      if isKept(name) { kept[name] = tensor }
    }
    return kept
  }

  /// The tensors of all ranks on the first one, which have different names; on the others, their own.
  public func collect(_ tensors: [String: Tensor]) throws -> [String: Tensor] {
    let sorted = tensors.sorted { $0.key < $1.key }
    let own = try JSONEncoder().encode(sorted.map { TensorBundle.Entry($0.key, $0.value) })
    var all = tensors
    for (sender, header) in try gather(own).enumerated().dropFirst() {
      let entries = try JSONDecoder().decode([TensorBundle.Entry].self, from: header)
      if isFirst {
        for entry in entries {
          all[entry.name] = try Tensor(entry) { try receive($0, from: sender) }
        }
      } else if rank == sender {
        for (_, tensor) in sorted { try tensor.readBytes { try send($0, to: 0) } }
      }
    }
    return all
  }

  private func send(_ bytes: UnsafeRawBufferPointer, to other: Int) throws {
    let nothing = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    try communicator.swap(bytes, to: other, nothing, from: other, .endless)
  }

  private func receive(_ bytes: UnsafeMutableRawBufferPointer, from other: Int) throws {
    let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
    try communicator.swap(nothing, to: other, bytes, from: other, .endless)
  }

  /// The tensors of a rank, in order, one after the other.
  ///
  /// - Parameters:
  ///   - tensors: Those of the root; of the others, nothing counts.
  ///   - root: The rank whose tensors all get.
  public func broadcast(_ tensors: [Tensor], from root: Int) throws -> [Tensor] {
    guard count > 1 else { return tensors }
    let own = try JSONEncoder().encode(tensors.map { TensorBundle.Entry("", $0) })
    let header = try broadcast(own, from: root)
    let entries = try JSONDecoder().decode([TensorBundle.Entry].self, from: header)
    return try entries.enumerated().map { number, entry in
      guard rank == root else {
        return try Tensor(entry) { try communicator.broadcast($0, from: root, .endless) }
      }
      // A copy shares the memory, and the root's bytes are only read.
      try tensors[number].readBytes {
        try communicator.broadcast(
          UnsafeMutableRawBufferPointer(mutating: $0), from: root, .endless)
      }
      return tensors[number]
    }
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
