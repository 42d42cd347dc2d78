import Files
import Foundation
import Tensor

/// Named tensors of one or several files, read on demand.
package struct Weights {
  /// One tensor.
  package struct Entry {
    package var shape: [Int]
    /// The numbers that it may share with others; nil if they are its own.
    var storage: Storage?
    package var read: () throws -> Tensor
  }

  /// Numbers of a file of PyTorch, of which several tensors may be views.
  package struct Storage: Hashable {
    var path: String
    var key: String
    var count: Int
  }

  /// The file that errors name; of several files, their index.
  package let path: String
  package var entries: [String: Entry]
  /// Tensors that are known and of no use to an encoder.
  var leftOut: [String] = []
  /// Whether it is an error if the mask embedding is missing.
  var needsMaskEmbedding = true

  init(path: String, entries: [String: Entry]) { (self.path, self.entries) = (path, entries) }

  init(safeTensors url: URL) throws {
    let file = try SafeTensors(contentsOf: url)
    var entries: [String: Entry] = [:]
    for name in file.names {
      entries[name] = Entry(shape: Array(file.shape(of: name)!)) {
        try file.mappedTensor(name).checkedFinite(name, of: url)
      }
    }
    self.init(path: url.path, entries: entries)
  }

  /// A file whose pickle is a dictionary of tensors.
  package init(pytorch url: URL) throws {
    let file = try TorchFile(contentsOf: url)
    try self.init(file.root, of: file, at: url)
  }

  /// - Parameter dictionary: Of tensors by name; what is under one of `except` need not be one.
  package init(
    _ dictionary: PickleView, of file: TorchFile, at url: URL,
    except: (String) -> Bool = { _ in false }
  ) throws {
    guard dictionary.hasKeys else {
      throw ModelError.file(url.path, problem: "holds no dictionary of tensors")
    }
    var entries: [String: Entry] = [:]
    for name in dictionary.keys where !except(name) {
      guard let tensor = dictionary[name]?.tensor else {
        throw ModelError.file(url.path, problem: "what it has under '\(name)' is no tensor")
      }
      try file.check(tensor, named: name)
      let storage = Storage(path: url.path, key: tensor.storage.key, count: tensor.storage.count)
      entries[name] = Entry(shape: tensor.shape, storage: storage) {
        try file.read(tensor, named: name).checkedFinite(name, of: url)
      }
    }
    self.init(path: url.path, entries: entries)
  }

  /// How many numbers the files hold; what several tensors share counts once.
  var elementCount: Double {
    let own = entries.values.lazy.filter { $0.storage == nil }
      .map { $0.shape.reduce(1) { $0 * Double($1) } }
    let shared = Set(entries.values.compactMap(\.storage)).map { Double($0.count) }
    return own.reduce(0, +) + shared.reduce(0, +)
  }

  /// Takes a tensor out; nil if there is none of that name.
  package mutating func remove(_ name: String) throws -> Tensor? {
    try entries.removeValue(forKey: name)?.read()
  }

  /// Puts the parts of a tensor in its place: as many rows for each name, in their order. They are read on demand.
  /// - Throws: `ModelError.tensors` if its rows are not a multiple of the names.
  package mutating func divide(_ name: String, into names: [String]) throws(ModelError) {
    guard let whole = entries.removeValue(forKey: name) else { return }
    guard let rows = whole.shape.first, rows > 0, rows % names.count == 0 else {
      throw .tensors("'\(name)' of shape \(whole.shape) is not \(names.count) maps")
    }
    let count = rows / names.count
    for (part, name) in names.enumerated() {
      entries[name] = Entry(shape: [count] + whole.shape.dropFirst(), storage: whole.storage) {
        try whole.read().sliced(axis: 0, part * count..<(part + 1) * count)
      }
    }
  }

  /// The same under other names.
  /// - Throws: `ModelError.tensors` if two get the same.
  package func renamed(_ rename: (String) throws -> String) throws -> Weights {
    var result = self
    result.entries = [:]
    for (name, entry) in entries {
      let new = try rename(name)
      guard result.entries.updateValue(entry, forKey: new) == nil else {
        throw ModelError.tensors("the file has '\(new)' in two spellings; only one can be meant")
      }
    }
    return result
  }
}

extension Weights {
  /// The heads that `transformers` puts on an encoder for a task, beside its prefix.
  private static let heads = ["lm_head.", "projector.", "classifier.", "layer_weights"]

  /// The encoder in a model with a head: `HubertForCTC` and its like name it by a prefix.
  ///
  /// Their head is left out. Without a prefix the file is an encoder's, and a head in it is an error
  /// like any other tensor that has no place.
  func withoutHead() -> Weights {
    let prefixes = ["hubert.", "data2vec_audio."]
    guard
      let prefix = prefixes.first(where: { prefix in
        entries.keys.contains { $0.hasPrefix(prefix) }
      })
    else { return self }
    var result = self
    result.entries = [:]
    for (name, entry) in entries {
      if name.hasPrefix(prefix) {
        result.entries[String(name.dropFirst(prefix.count))] = entry
      } else if Self.heads.contains(where: name.hasPrefix) {
        result.leftOut.append(name)
      } else {
        result.entries[name + " (without '\(prefix)')"] = entry
      }
    }
    result.leftOut.sort()
    return result
  }
}
