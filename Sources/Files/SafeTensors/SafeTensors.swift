import Foundation
import Tensor

/// A file of named tensors in Hugging Face's safetensors format, mapped into memory.
///
/// ```swift
/// let file = try SafeTensors(contentsOf: url)
/// let states = try file.tensor("hidden_states")
/// ```
///
/// Layout: the length of the header as a little-endian 64-bit integer, the header (JSON: name to
/// `dtype`, `shape`, `data_offsets`), the elements. A file is refused unless its header covers
/// every byte exactly once.
public struct SafeTensors: Sendable {
  /// The free text of the file's `__metadata__`.
  public let metadata: [String: String]
  /// The names of the tensors, in the order of their positions in the file.
  public let names: [String]

  private let path: String
  private let entries: [String: Header.Entry]
  private let file: MappedFile
  private let dataStart: Int

  /// Opens a file and checks its header; elements are read on demand.
  /// - Throws: `FileError.unsuitable`.
  public init(contentsOf url: URL) throws {
    let file = try MappedFile(url)
    do {
      let (header, dataStart) = try Header.read(from: file.bytes)
      try header.check(byteCount: file.bytes.count - dataStart)
      self.init(header, path: url.path, file, dataStart: dataStart)
    } catch let problem as Header.Problem {
      throw FileError.unsuitable(
        path: url.path, reason: "not a sound safetensors file, \(problem.text); get a fresh copy")
    }
  }

  private init(_ header: Header, path: String, _ file: MappedFile, dataStart: Int) {
    (self.path, self.file, self.dataStart) = (path, file, dataStart)
    (metadata, entries) = (header.metadata, header.entries)
    names = entries.sorted { ($0.value.begin, $0.key) < ($1.value.begin, $1.key) }.map(\.key)
  }

  /// The shape of a tensor, which is not read; nil if there is no such tensor.
  public func shape(of name: String) -> Shape? { entries[name].map { Shape($0.shape) } }

  /// A tensor: float32 from F32, BF16 and F16, int32 from I32 and I64.
  /// - Throws: `FileError.unsuitable` if there is no such tensor, or its type or values do not fit.
  public func tensor(_ name: String) throws -> Tensor {
    guard let entry = entries[name] else {
      throw FileError.unsuitable(
        path: path, reason: "holds no tensor '\(name)'; it has \(ellipsis(names))")
    }
    do {
      return try entry.decode(bytes(of: entry))
    } catch let problem as Header.Problem {
      throw FileError.unsuitable(path: path, reason: "tensor '\(name)' \(problem.text)")
    }
  }

  /// A tensor as from `tensor(_:)`, whose elements stay in the file until they are changed; for
  /// weights, which seldom change. The file must not be written while the tensor lives. A file that
  /// is renamed over it, as by `AtomicFile`, does no harm.
  /// - Throws: `FileError.unsuitable`, as `tensor(_:)`.
  package func mappedTensor(_ name: String) throws -> Tensor {
    guard let entry = entries[name], entry.dtype == "F32" else { return try tensor(name) }
    guard let place = bytes(of: entry).baseAddress, entry.end > entry.begin,
      UInt(bitPattern: place) % 4 == 0
    else { return try tensor(name) }
    return Tensor(reading: place.assumingMemoryBound(to: Float.self), Shape(entry.shape), of: file)
  }

  private func bytes(of entry: Header.Entry) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(
      rebasing: file.bytes[dataStart + entry.begin..<dataStart + entry.end])
  }

  /// All tensors by name.
  public func tensors() throws -> [String: Tensor] {
    var all: [String: Tensor] = [:]
    for name in names { all[name] = try tensor(name) }
    return all
  }
}

/// The first few of many names, for one line of an error message.
package func ellipsis(_ names: [String]) -> String {
  let shown = names.prefix(3).map { "'\($0.prefix(100))'" }.joined(separator: ", ")
  if names.isEmpty { return "none" }
  return names.count > 3 ? "\(shown) and \(names.count - 3) more" : shown
}
