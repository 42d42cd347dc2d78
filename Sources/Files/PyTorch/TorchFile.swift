import Foundation
import Tensor

/// A file written by `torch.save`, mapped into memory: a ZIP file since PyTorch 1.6, a sequence of
/// pickles before.
///
/// Nothing in it is run. Besides tensors and containers, a pickle may name the classes of fairseq's
/// settings; any other name is an error.
public struct TorchFile {
  /// The names of the tensors in the dictionary that was saved, sorted.
  public var names: [String] { root.keys.filter { root[$0]?.tensor != nil }.sorted() }

  /// The saved value.
  package let root: PickleView

  private let path: String
  private let bytes: Data
  /// The ranges of the storages in the file.
  private let storages: [String: Range<Int>]

  /// Opens a file and reads its pickle; numbers are read on demand.
  /// - Throws: `FileError.unsuitable`.
  public init(contentsOf url: URL) throws {
    path = url.path
    do {
      bytes = try Data(contentsOf: url, options: .mappedIfSafe)
    } catch {
      let problem = "cannot be read (\((error as NSError).localizedDescription))"
      throw FileError.unsuitable(path: url.path, reason: problem)
    }
    do {
      let isZip = bytes.starts(with: [0x50, 0x4B])
      let content = isZip ? try Self.readZip(bytes) : try Self.readPickles(bytes)
      (root, storages) = (PickleView(content.graph), content.storages)
    } catch {
      throw FileError.unsuitable(
        path: url.path, reason: "not a checkpoint of PyTorch that is read here: \(error.text)")
    }
  }

  private typealias Content = (graph: PickleGraph, storages: [String: Range<Int>])

  /// The content of a ZIP file: `NAME/data.pkl` and, for each storage, `NAME/data/KEY`.
  private static func readZip(_ bytes: Data) throws(TorchProblem) -> Content {
    let members = try ZipArchive(bytes).members
    let pickles = members.filter { $0.key.hasSuffix("/data.pkl") }
    guard pickles.count == 1, let (name, range) = pickles.first else {
      throw TorchProblem(text: "it holds \(pickles.count) files named data.pkl")
    }
    let folder = name.dropLast("data.pkl".count)
    if let order = members[folder + "byteorder"], bytes[order] != Data("little".utf8) {
      throw TorchProblem(text: "it was written by a big-endian machine")
    }
    var reader = try ByteReader(bytes.subdata(in: range))
    var memory = PickleMemory()
    let graph = try PickleMachine.run(&reader, &memory)
    let prefix = folder + "data/"
    let storages = members.filter { $0.key.hasPrefix(prefix) }
      .map { (String($0.key.dropFirst(prefix.count)), $0.value) }
    return (graph, Dictionary(uniqueKeysWithValues: storages))
  }

  /// The content of an old file: a magic number, a version, the machine, the value, and the keys of
  /// its storages; then the length and the numbers of each storage.
  private static func readPickles(_ bytes: Data) throws(TorchProblem) -> Content {
    var (reader, memory) = (try ByteReader(bytes), PickleMemory())
    guard case .bytes(magic) = try PickleMachine.run(&reader, &memory).root,
      case .integer(1001) = try PickleMachine.run(&reader, &memory).root
    else { throw TorchProblem(text: "it is neither a ZIP file nor a row of PyTorch's pickles") }
    let machine = PickleView(try PickleMachine.run(&reader, &memory))
    guard machine["little_endian"]?.flag == true else {
      throw TorchProblem(text: "it was written by a big-endian machine")
    }
    let graph = try PickleMachine.run(&reader, &memory)
    let keys = try PickleMachine.run(&reader, &memory)
    return (graph, try locate(keys, of: graph, &reader))
  }

  private static func locate(
    _ keys: PickleGraph, of graph: PickleGraph, _ reader: inout ByteReader
  ) throws(TorchProblem) -> [String: Range<Int>] {
    var storages: [String: Range<Int>] = [:]
    let known = graph.storages
    for key in PickleView(keys).texts {
      guard let storage = known[key] else {
        throw TorchProblem(text: "its storage '\(key)' belongs to no tensor")
      }
      guard try reader.integer(bytes: 8) == storage.count else {
        throw TorchProblem(text: "its storage '\(key)' is not of \(storage.count) numbers")
      }
      let start = try reader.skip(try storage.byteCount())
      storages[key] = start..<reader.position
    }
    return storages
  }

  private static let magic: [UInt8] = [
    0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19,
  ]
}

extension TorchFile {
  /// A tensor of the dictionary: float32 for floating types, int32 for the others.
  /// - Throws: `FileError.unsuitable` if there is no such tensor, or its numbers do not fit.
  public func tensor(_ name: String) throws -> Tensor {
    guard let tensor = root[name]?.tensor else {
      throw FileError.unsuitable(
        path: path, reason: "holds no tensor '\(name)'; it has \(ellipsis(names))")
    }
    return try read(tensor, named: name)
  }

  /// The numbers of any tensor in the file.
  package func read(_ tensor: TorchTensor, named name: String) throws -> Tensor {
    do {
      let range = try self.range(of: tensor.storage)
      return try bytes.withUnsafeBytes { all in
        try tensor.decode(UnsafeRawBufferPointer(rebasing: all[range]))
      }
    } catch let error as TorchProblem {
      throw FileError.unsuitable(path: path, reason: "tensor '\(name)': \(error.text)")
    }
  }

  /// Checks that the file has the storage of a tensor.
  package func check(_ tensor: TorchTensor, named name: String) throws(FileError) {
    do {
      _ = try range(of: tensor.storage)
    } catch {
      throw .unsuitable(path: path, reason: "tensor '\(name)': \(error.text)")
    }
  }

  private func range(of storage: TorchStorage) throws(TorchProblem) -> Range<Int> {
    guard let range = storages[storage.key] else {
      throw TorchProblem(text: "its storage '\(storage.key)' is missing from the file")
    }
    let needed = try storage.byteCount()
    guard range.count == needed else {
      throw TorchProblem(
        text: "its storage '\(storage.key)' has \(range.count) bytes instead of \(needed)")
    }
    return range
  }
}

extension PickleGraph {
  /// The storages of all tensors in the graph, by key.
  fileprivate var storages: [String: TorchStorage] {
    var storages: [String: TorchStorage] = [:]
    func note(_ value: PickleValue) {
      switch value {
      case .tensor(let tensor): storages[tensor.storage.key] = tensor.storage
      case .storage(let storage): storages[storage.key] = storage
      default: break
      }
    }
    note(root)
    for node in nodes {
      node.elements.forEach(note)
      node.items.values.forEach(note)
    }
    return storages
  }
}
