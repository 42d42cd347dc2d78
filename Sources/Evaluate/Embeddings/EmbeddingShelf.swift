import Files
import Foundation
import Tensor

/// A folder of a store: the vectors of a data set by one model and cut, in numbered blocks.
struct EmbeddingShelf {
  let folder: URL
  let embedder: Embedder
  let cut: EmbeddingCut

  /// The whole blocks that are there, in their order, up to the first that is missing or damaged: it is computed again.
  func blocks() throws -> [EmbeddingBlock] {
    var blocks: [EmbeddingBlock] = []
    while try Presence.kind(of: block(blocks.count).path) != nil,
      let block = try? EmbeddingBlock(block(blocks.count))
    {
      blocks.append(block)
    }
    return blocks
  }

  /// The numbers of the clips of which no block has vectors; of equal clips that of the first.
  static func missing(_ keys: [UInt64], in blocks: [EmbeddingBlock]) -> [Int] {
    var known = Set(blocks.flatMap(\.keys))
    return keys.indices.filter { known.insert(keys[$0]).inserted }
  }

  /// Embeds clips as a block of this number.
  func embed(_ clips: [AudioClip], keys: [UInt64], as number: Int) throws -> EmbeddingBlock {
    try EmbeddingBlock(clips, keys: keys, by: embedder, cut, to: block(number))
  }

  /// The file of a block.
  func block(_ number: Int) -> URL {
    let digits = String(number)
    let name = "block-" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    return folder.appendingPathComponent(name + ".safetensors")
  }
}

extension [Int] {
  /// Parts of so many, the last of what is left.
  func parts(of size: Int) -> [ArraySlice<Int>] {
    stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
  }
}
