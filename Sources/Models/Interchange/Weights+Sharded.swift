import Files
import Foundation
import Tensor

extension Weights {
  /// The files of a large model, with an index from tensors to files.
  ///
  /// - Parameter open: Reads one of them.
  /// - Throws: `ModelError.file`, naming the index, if it and the files do not agree.
  init(index url: URL, open: (URL) throws -> Weights) throws {
    let map = try Index.read(url).weightMap
    var entries: [String: Entry] = [:]
    for file in Set(map.values).sorted() {
      guard !file.isEmpty, !file.contains("/"), !file.hasPrefix(".") else {
        throw ModelError.file(url.path, problem: "'\(file)' is not the name of a file beside it")
      }
      let shard = try open(url.deletingLastPathComponent().appendingPathComponent(file))
      for (name, entry) in shard.entries {
        guard map[name] == file else {
          throw ModelError.file(
            url.path, problem: "does not say that '\(name)' lies in \(file)")
        }
        entries[name] = entry
      }
    }
    let missing = map.keys.filter { entries[$0] == nil }.sorted()
    guard missing.isEmpty else {
      throw ModelError.file(
        url.path, problem: "names \(ellipsis(missing)), which its files do not hold")
    }
    self.init(path: url.path, entries: entries)
  }

  private struct Index: Decodable {
    var weightMap: [String: String]

    enum CodingKeys: String, CodingKey { case weightMap = "weight_map" }

    static func read(_ url: URL) throws -> Index {
      guard let json = try? Presence.content(of: url) else {
        throw ModelError.file(url.path, problem: "cannot be read")
      }
      guard !json.contains(0), let index = try? JSONDecoder().decode(Index.self, from: json) else {
        throw ModelError.file(url.path, problem: "is not JSON with a 'weight_map'")
      }
      if let key = JSONKeys.firstDuplicate(in: json) {
        throw ModelError.file(url.path, problem: "has '\(key)' twice")
      }
      return index
    }
  }
}
