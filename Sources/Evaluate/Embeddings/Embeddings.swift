import Tensor

/// The vectors of audio clips, which stay in the blocks of a store until they are asked for.
public struct Embeddings: Sendable {
  /// How many layers there are.
  public let layers: Int
  /// The length of a vector.
  public let width: Int
  /// The rows of each clip, one for each stretch; empty if it could not be used.
  public let rows: [Range<Int>]
  /// Why a clip has no rows, by its number.
  public let leftOut: [Int: String]
  private let blocks: [EmbeddingBlock]
  /// The first row of each block.
  private let firsts: [Int]

  /// - Parameters:
  ///   - keys: Of the clips, each in one of the blocks.
  ///   - blocks: In their order.
  ///   - layers: How many layers there are.
  ///   - width: The length of a vector.
  init(of keys: [UInt64], in blocks: [EmbeddingBlock], layers: Int, width: Int) {
    var places: [UInt64: (rows: Range<Int>, reason: String?)] = [:]
    var (firsts, next): ([Int], Int) = ([], 0)
    for block in blocks {
      firsts.append(next)
      for (number, key) in block.keys.enumerated() {
        places[key] = (next..<next + block.rows[number], block.leftOut[number])
        next += block.rows[number]
      }
    }
    (self.blocks, self.firsts, self.layers, self.width) = (blocks, firsts, layers, width)
    rows = keys.map { places[$0]!.rows }
    leftOut = Dictionary(
      uniqueKeysWithValues: keys.enumerated().compactMap { number, key in
        places[key]!.reason.map { (number, $0) }
      })
  }

  /// The vectors of some rows in one layer, `[rows, D]`, in the order of `rows`.
  /// - Throws: `FileError` if a block is damaged.
  public func vectors(_ rows: [Int], layer: Int) throws -> Tensor {
    var result = Tensor.unset([rows.count, width])
    var open: (block: Int, layer: Tensor)?
    for (place, row) in rows.enumerated() {
      let block = block(of: row)
      if open?.block != block { open = (block, try blocks[block].layer(layer)) }
      let first = (row - firsts[block]) * width
      open!.layer.read { source in
        result.update { target in
          (target.baseAddress! + place * width).update(
            from: source.baseAddress! + first, count: width)
        }
      }
    }
    return result
  }

  /// The block that has a row: the last that begins at or before it.
  private func block(of row: Int) -> Int {
    var (low, high) = (0, firsts.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if firsts[middle] <= row { low = middle } else { high = middle }
    }
    return low
  }
}
