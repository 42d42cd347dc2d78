import Foundation
import Kernels

/// The working memory of one head, and its products. All widths are padded to whole vectors.
///
/// - `tile`: the weights of a block of rows for a range of keys, `[rows, keys]`.
/// - `panel`: the keys or values of a whole head, either as they are (`[Tk, depth]`) or transposed
///   in runs of 64 frames (`[depth, 64]` each).
/// - `block`: a block of rows of the result, `[rows, depth]`.
///
/// Products are of floats, or of pairs of `bfloat16` if the inputs are `bfloat16` and the CPU
/// multiplies such pairs. A panel then holds pairs along the axis that is summed over. Sums are
/// floats in both cases.
struct HeadMemory {
  private let paddedKeys: Int
  private let paddedDepth: Int
  private let queryCount: Int
  private let keyCount: Int
  private let depth: Int
  /// The factor of the scores, `1 / √depth`.
  let scale: Float
  private let blockRows: Int
  /// The number of keys in a row of a tile.
  let tileKeys: Int
  private let panelCount: Int
  private let tileCount: Int
  private let paired: Bool
  private let buffer: Tensor

  /// The floats of a tile with all keys. Two tiles and the panels of a training crop fit the
  /// second-level cache.
  private static let tileSize = 1 << 16
  private static let fewestRows = 32
  /// The rows and keys of a tile in the forward pass. Tile, keys and values fit the second-level
  /// cache for any length.
  private static let stretch = (rows: 96, keys: 512)
  /// The number of keys in a run of a transposed panel, which is the width of the products'
  /// registers.
  private static let run = 64

  /// Memory for the forward pass, which takes one stretch of keys after the other.
  static func forStretches(queries: Int, keys: Int, depth: Int, dtype: DType) -> HeadMemory {
    HeadMemory(
      tiles: 1, panels: 3, blockRows: min(stretch.rows, queries),
      tileKeys: min(stretch.keys, padded(keys)), queries: queries, keys: keys, depth: depth,
      dtype: dtype)
  }

  /// Memory for the backward pass, which takes all keys at once.
  static func forWholeRows(queries: Int, keys: Int, depth: Int, dtype: DType) -> HeadMemory {
    let most = max(fewestRows, tileSize / padded(keys))
    let blocks = (queries + most - 1) / most
    // Blocks of equal height, a multiple of the six rows of a tile in registers where possible.
    let rows = min(queries, ((queries + blocks - 1) / blocks + 5) / 6 * 6)
    return HeadMemory(
      tiles: 2, panels: 5, blockRows: rows, tileKeys: padded(keys), queries: queries, keys: keys,
      depth: depth, dtype: dtype)
  }

  /// Computed once: the instruction that queries the CPU is slow in a virtual machine.
  private static let multipliesPairs = etude_multiplies_pairs() != 0

  private init(
    tiles: Int, panels: Int, blockRows: Int, tileKeys: Int, queries: Int, keys: Int, depth: Int,
    dtype: DType
  ) {
    (queryCount, keyCount, self.depth) = (queries, keys, depth)
    (tileCount, panelCount) = (tiles, panels)
    (paddedKeys, paddedDepth) = (Self.padded(keys), (depth + 15) / 16 * 16)
    (self.blockRows, self.tileKeys) = (blockRows, tileKeys)
    scale = 1 / Float(depth).squareRoot()
    paired = dtype == .bfloat16 && depth % 2 == 0 && Self.multipliesPairs
    // One more tile for rounded weights, two more blocks for operands of products, and three
    // numbers for every row.
    let size = (tiles + 1) * blockRows * tileKeys + panels * paddedKeys * paddedDepth
    buffer = Tensor(uninitialized: [size + blockRows * (3 * paddedDepth + 3)])
  }

  private static func padded(_ keys: Int) -> Int { (keys + run - 1) / run * run }

  func forEachBlock(_ body: (_ row: Int, _ rows: Int) -> Void) {
    for row in stride(from: 0, to: queryCount, by: blockRows) {
      body(row, min(blockRows, queryCount - row))
    }
  }

  /// Calls `body` for each stretch of `0..<count` that fits a tile.
  func forEachStretch(of count: Int, _ body: (_ keys: Range<Int>) -> Void) {
    for key in stride(from: 0, to: count, by: tileKeys) { body(key..<min(key + tileKeys, count)) }
  }

  private var base: UnsafeMutablePointer<Float> { UnsafeMutablePointer(mutating: buffer.floats) }

  func panel(_ i: Int) -> UnsafeMutablePointer<Float> { base + i * paddedKeys * paddedDepth }

  func tile(_ i: Int) -> UnsafeMutablePointer<Float> {
    panel(panelCount) + i * blockRows * tileKeys
  }

  /// The tile for rounded weights.
  private var rounded: UnsafeMutablePointer<Float> { tile(tileCount) }

  func block(_ i: Int) -> UnsafeMutablePointer<Float> {
    tile(tileCount + 1) + i * blockRows * paddedDepth
  }

  /// One factor for each row of a block.
  var factors: UnsafeMutablePointer<Float> { block(3) }
  /// The greatest score of each row, as an exponent of 2.
  private var greatest: UnsafeMutablePointer<Float> { block(3) + blockRows }
  /// The sum of each row's weights.
  private var sums: UnsafeMutablePointer<Float> { block(3) + 2 * blockRows }
}

/// Scores before the softmax.
extension HeadMemory {
  /// The score of an excluded key. It is so low that its weight is 0 beside any other key, yet
  /// finite. It is a power of two, so that scaling is exact and the differences in a row of
  /// excluded keys are 0, not NaN.
  private static let excluded: Float = -0x1p126

  /// Whether every key of a row with this greatest score is excluded.
  private func isOfExcluded(_ greatest: Float) -> Bool {
    greatest == powerScale * Self.excluded
  }

  /// Adds a bias, whose rows are `stride` apart, to scores that are not scaled yet.
  func add(
    _ bias: Reals, stride: Int, to tile: UnsafeMutablePointer<Float>, rows: Int, keys: Range<Int>
  ) {
    for row in 0..<rows {
      let numbers = bias.floats(row * stride, keys.count, buffer: rounded)
      etude_attention_bias(
        tile + row * tileKeys, numbers, 1 / scale, Self.excluded, keys.count)
    }
  }

  /// The gradient of `add`: adds the gradient of the scaled scores to the gradient of the bias.
  func addUnscaled(
    _ slopes: UnsafePointer<Float>, rows: Int, keys: Range<Int>,
    to gradient: UnsafeMutablePointer<Float>, stride: Int
  ) {
    for row in 0..<rows {
      etude_accumulate(gradient + row * stride, slopes + row * tileKeys, 1 / scale, keys.count)
    }
  }

  /// Excludes the keys that are later than the query of their row; `first` is the query of the
  /// first row.
  func excludeLater(
    in tile: UnsafeMutablePointer<Float>, than first: Int, rows: Int, keys: Range<Int>
  ) {
    for row in 0..<rows where first + row + 1 < keys.upperBound {
      let start = max(first + row + 1 - keys.lowerBound, 0)
      (tile + row * tileKeys + start).update(repeating: Self.excluded, count: keys.count - start)
    }
  }
}

/// Softmax over one stretch of keys after the other.
extension HeadMemory {
  /// The factor from scores to exponents of 2.
  private var powerScale: Float { scale * 1.442_695_04 }

  /// Initialises the statistics of `rows` rows before the first stretch.
  func beginRows(_ rows: Int) {
    greatest.update(repeating: -.infinity, count: rows)
    sums.update(repeating: 0, count: rows)
  }

  /// Turns the scores in `tile` into weights for `weightedSum`, and rescales the sum over earlier
  /// stretches.
  func soften(
    _ tile: UnsafeMutablePointer<Float>, rows: Int, keys: Range<Int>,
    dropout: UnsafePointer<EtudeDropout>?
  ) {
    let bits = UnsafeMutableRawPointer(rounded).assumingMemoryBound(to: UInt16.self)
    if paired, dropout == nil {
      etude_attention_weights_pairs(
        bits, tile, greatest, sums, factors, rows, tileKeys, keys.count, powerScale)
    } else {
      etude_attention_weights(
        tile, greatest, sums, factors, rows, tileKeys, keys.count, powerScale, dropout)
      if paired { etude_narrow(bits, tile, rows * tileKeys) }
    }
    if keys.lowerBound > 0 { scaleBlock(rows: rows) }
  }

  /// Normalises the result's rows after the last stretch, and writes `ln Σ exp` of their scores. A
  /// row without any key becomes 0; its log-sum is infinite, so that its weights are 0 in the
  /// backward pass.
  func finishRows(_ rows: Int, logSums: UnsafeMutablePointer<Float>) {
    for row in 0..<rows {
      let isNothing = isOfExcluded(greatest[row])
      logSums[row] = isNothing ? .infinity : greatest[row] * 0.693_147_18 + log(sums[row])
      factors[row] = isNothing ? 0 : 1 / sums[row]
    }
    scaleBlock(rows: rows)
  }
}

extension HeadMemory {
  /// Copies rows of a head as floats, each padded with zeros.
  func copy(_ x: Reals, stride: Int, rows: Int, into panel: UnsafeMutablePointer<Float>) {
    for row in 0..<rows {
      let target = panel + row * paddedDepth
      let source = x.floats(row * stride, depth, buffer: target)
      if source != UnsafePointer(target) { target.update(from: source, count: depth) }
      (target + depth).update(repeating: 0, count: paddedDepth - depth)
    }
  }

  /// Loads a whole head for `weightedSum`.
  func loadDown(_ x: Reals, stride: Int, into panel: UnsafeMutablePointer<Float>) {
    if paired {
      etude_pair_rows(panel.pairs, paddedDepth, x.bfloat16, stride, keyCount, depth)
    } else {
      copy(x, stride: stride, rows: keyCount, into: panel)
    }
  }

  /// Loads a whole head for `scores`; `room` is another panel.
  func loadAcross(
    _ x: Reals, stride: Int, into panel: UnsafeMutablePointer<Float>,
    room: UnsafeMutablePointer<Float>
  ) {
    let columns = paired ? depth / 2 : depth
    for frame in Swift.stride(from: 0, to: keyCount, by: Self.run) {
      let (target, source) = (panel + frame * columns, x + frame * stride)
      let count = min(Self.run, keyCount - frame)
      if count < Self.run { target.update(repeating: 0, count: Self.run * columns) }
      if paired {
        // Two neighbouring channels already are a pair, and are transposed as one number.
        source.bfloat16.withMemoryRebound(to: Float.self, capacity: 1) {
          etude_transpose(target, Self.run, $0, stride / 2, count, columns)
        }
      } else {
        copy(source, stride: stride, rows: count, into: room)
        etude_transpose(target, Self.run, room, paddedDepth, count, columns)
      }
    }
  }

  /// `[rows, depth] × [depth, keys]`
  func scores(
    of x: Reals, stride: Int, rows: Int, by across: UnsafeMutablePointer<Float>,
    keys: Range<Int>, into tile: UnsafeMutablePointer<Float>
  ) {
    if !paired { copy(x, stride: stride, rows: rows, into: block(1)) }
    for key in Swift.stride(from: keys.lowerBound, to: keys.upperBound, by: Self.run) {
      let columns = min(Self.run, (keys.upperBound - key + 15) / 16 * 16)
      let target = tile + (key - keys.lowerBound)
      let run = across + key * (paired ? depth / 2 : depth)
      if paired {
        x.bfloat16.withMemoryRebound(to: UInt32.self, capacity: 1) {
          etude_tall_product_pairs(
            rows, columns, depth / 2, target, tileKeys, $0, stride / 2, 1, run.pairs, Self.run, 0)
        }
      } else {
        etude_small_product(
          rows, columns, depth, target, tileKeys, block(1), paddedDepth, 1, run, Self.run, 0)
      }
    }
  }

  /// Rounds weights for `weightedSum`, which reads rounded weights if products are of pairs.
  func round(_ tile: UnsafePointer<Float>, rows: Int) {
    guard paired else { return }
    rounded.withMemoryRebound(to: UInt16.self, capacity: 1) {
      etude_narrow($0, tile, rows * tileKeys)
    }
  }

  /// `[rows, keys] × [keys, depth]` into block 0; added to it after the first stretch.
  func weightedSum(
    of down: UnsafeMutablePointer<Float>, by tile: UnsafePointer<Float>, rows: Int,
    keys: Range<Int>
  ) {
    let keep: Int32 = keys.lowerBound > 0 ? 1 : 0
    if paired {
      etude_tall_product_pairs(
        rows, paddedDepth, (keys.count + 1) / 2, block(0), paddedDepth, rounded.pairs,
        tileKeys / 2, 1, down.pairs + keys.lowerBound / 2 * paddedDepth, paddedDepth, keep)
    } else {
      etude_small_product(
        rows, paddedDepth, keys.count, block(0), paddedDepth, tile, tileKeys, 1,
        down + keys.lowerBound * paddedDepth, paddedDepth, keep)
    }
  }

  /// `[rows, keys]ᵀ × [rows, depth]` into `panel`: added after the first block, which also clears
  /// the rows of later keys.
  func sumOverRows(
    of x: Reals, stride: Int, by tile: UnsafePointer<Float>, rows: Int, keys: Range<Int>,
    into panel: UnsafeMutablePointer<Float>, adding: Bool
  ) {
    let inputs = block(2)
    if !adding {
      let rest = (keyCount - keys.count) * paddedDepth
      (panel + keys.count * paddedDepth).update(repeating: 0, count: rest)
    }
    if paired {
      etude_pair_rows(inputs.pairs, paddedDepth, x.bfloat16, stride, rows, depth)
      etude_pair_narrowed_rows(rounded.pairs, tileKeys, tile, tileKeys, rows)
      etude_tall_product_pairs(
        keys.count, paddedDepth, (rows + 1) / 2, panel, paddedDepth, rounded.pairs, 1, tileKeys,
        inputs.pairs, paddedDepth, adding ? 1 : 0)
    } else {
      copy(x, stride: stride, rows: rows, into: inputs)
      etude_small_product(
        keys.count, paddedDepth, rows, panel, paddedDepth, tile, 1, tileKeys, inputs, paddedDepth,
        adding ? 1 : 0)
    }
  }

  /// `factors[i] = x_i · y_i` for rows of one head in two tensors.
  func dots(_ x: Reals, _ y: Reals, stride: Int, rows: Int) {
    let (a, b) = (block(0), block(1))
    for i in 0..<rows {
      factors[i] = Float(
        etude_dot(
          x.floats(i * stride, depth, buffer: a), y.floats(i * stride, depth, buffer: b), depth))
    }
  }

  /// Writes rows without their padding.
  func store(_ panel: UnsafePointer<Float>, rows: Int, into y: MutableReals, stride: Int) {
    for row in 0..<rows {
      let source = panel + row * paddedDepth
      if y.dtype == .float32 {
        (y.float32 + row * stride).update(from: source, count: depth)
      } else {
        etude_narrow(y.bfloat16 + row * stride, source, depth)
      }
    }
  }

  /// Multiplies each row of block 0 by its factor.
  func scaleBlock(rows: Int) {
    for row in 0..<rows {
      let place = block(0) + row * paddedDepth
      etude_affine(place, place, factors[row], 0, depth)
    }
  }
}

extension UnsafeMutablePointer<Float> {
  /// The same memory as pairs of `bfloat16`.
  fileprivate var pairs: UnsafeMutablePointer<UInt32> {
    UnsafeMutableRawPointer(self).assumingMemoryBound(to: UInt32.self)
  }
}
