import Kernels

/// What one head works in, and the products between its parts; all widths padded to whole vectors.
///
/// - `tile`: some rows of weights, `[rows, T]`.
/// - `panel`: a whole head, down the frames `[T, depth]` or across them `[depth, T]`.
/// - `block`: some rows of the result, `[rows, depth]`.
///
/// Products are of floats, or of pairs of bfloat16 where inputs and CPU have them; a panel then holds
/// pairs along the axis that is summed over. Sums are floats either way.
struct HeadMemory {
  let paddedTime: Int
  private let paddedDepth: Int
  private let time: Int
  private let depth: Int
  private let blockRows: Int
  private let panelCount: Int
  private let tileCount: Int
  private let paired: Bool
  private let buffer: Tensor

  /// Floats of a tile: two of them and the panels of a crop stay in the second-level cache.
  private static let tileSize = 1 << 16
  private static let fewestRows = 32

  init(tiles: Int, panels: Int, time: Int, depth: Int, dtype: DType) {
    (self.time, self.depth, tileCount, panelCount) = (time, depth, tiles, panels)
    (paddedTime, paddedDepth) = ((time + 15) / 16 * 16, (depth + 15) / 16 * 16)
    paired = dtype == .bfloat16 && depth % 2 == 0 && etude_multiplies_pairs() != 0
    let most = max(Self.fewestRows, Self.tileSize / paddedTime)
    let blocks = (time + most - 1) / most
    // Equal blocks, of whole register tiles where that is possible.
    blockRows = min(time, ((time + blocks - 1) / blocks + 5) / 6 * 6)
    // One tile more to round weights into, and two blocks for what enters a product.
    let size = (tiles + 1) * blockRows * paddedTime + panels * paddedTime * paddedDepth
    buffer = Tensor(uninitialized: [size + blockRows * (3 * paddedDepth + 1)])
  }

  func forEachBlock(_ body: (_ row: Int, _ rows: Int) -> Void) {
    for row in stride(from: 0, to: time, by: blockRows) { body(row, min(blockRows, time - row)) }
  }

  private var base: UnsafeMutablePointer<Float> { UnsafeMutablePointer(mutating: buffer.floats) }

  func panel(_ i: Int) -> UnsafeMutablePointer<Float> { base + i * paddedTime * paddedDepth }

  func tile(_ i: Int) -> UnsafeMutablePointer<Float> {
    panel(panelCount) + i * blockRows * paddedTime
  }

  /// The tile for rounded weights.
  private var rounded: UnsafeMutablePointer<Float> { tile(tileCount) }

  func block(_ i: Int) -> UnsafeMutablePointer<Float> {
    tile(tileCount + 1) + i * blockRows * paddedDepth
  }

  /// A number for each row of a block.
  var factors: UnsafeMutablePointer<Float> { block(3) }
}

extension HeadMemory {
  /// Rows of a head as floats, with zeros after each.
  func copy(_ x: Reals, stride: Int, rows: Int, into panel: UnsafeMutablePointer<Float>) {
    for row in 0..<rows {
      let target = panel + row * paddedDepth
      let source = x.floats(row * stride, depth, buffer: target)
      if source != UnsafePointer(target) { target.update(from: source, count: depth) }
      (target + depth).update(repeating: 0, count: paddedDepth - depth)
    }
  }

  /// A whole head for `weightedSum`.
  func loadDown(_ x: Reals, stride: Int, into panel: UnsafeMutablePointer<Float>) {
    if paired {
      etude_pair_rows(panel.pairs, paddedDepth, x.bfloat16, stride, time, depth)
    } else {
      copy(x, stride: stride, rows: time, into: panel)
    }
  }

  /// A whole head for `scores`; `room` is another panel.
  func loadAcross(
    _ x: Reals, stride: Int, into panel: UnsafeMutablePointer<Float>,
    room: UnsafeMutablePointer<Float>
  ) {
    let columns = paired ? depth / 2 : depth
    if paired {
      // Neighbouring channels are a pair already, and move together.
      x.bfloat16.withMemoryRebound(to: Float.self, capacity: 1) {
        etude_transpose(panel, paddedTime, $0, stride / 2, time, columns)
      }
    } else {
      copy(x, stride: stride, rows: time, into: room)
      etude_transpose(panel, paddedTime, room, paddedDepth, time, columns)
    }
    for row in 0..<columns {
      (panel + row * paddedTime + time).update(repeating: 0, count: paddedTime - time)
    }
  }

  /// `[rows, depth] × [depth, T]`
  func scores(
    of x: Reals, stride: Int, rows: Int, by across: UnsafeMutablePointer<Float>,
    into tile: UnsafeMutablePointer<Float>
  ) {
    if paired {
      x.bfloat16.withMemoryRebound(to: UInt32.self, capacity: 1) {
        etude_small_product_pairs(
          rows, paddedTime, depth / 2, tile, paddedTime, $0, stride / 2, 1, across.pairs,
          paddedTime, 0)
      }
    } else {
      copy(x, stride: stride, rows: rows, into: block(1))
      etude_small_product(
        rows, paddedTime, depth, tile, paddedTime, block(1), paddedDepth, 1, across, paddedTime, 0)
    }
  }

  /// `[rows, T] × [T, depth]`, into block 0.
  func weightedSum(
    of down: UnsafeMutablePointer<Float>, by tile: UnsafePointer<Float>, rows: Int
  ) {
    if paired {
      rounded.withMemoryRebound(to: UInt16.self, capacity: 1) {
        etude_narrow($0, tile, rows * paddedTime)
      }
      etude_small_product_pairs(
        rows, paddedDepth, (time + 1) / 2, block(0), paddedDepth, rounded.pairs, paddedTime / 2, 1,
        down.pairs, paddedDepth, 0)
    } else {
      etude_small_product(
        rows, paddedDepth, time, block(0), paddedDepth, tile, paddedTime, 1, down, paddedDepth, 0)
    }
  }

  /// `[rows, T]ᵀ × [rows, depth]`, added to `panel` after the first block.
  func sumOverRows(
    of x: Reals, stride: Int, by tile: UnsafePointer<Float>, rows: Int,
    into panel: UnsafeMutablePointer<Float>, adding: Bool
  ) {
    let inputs = block(2)
    if paired {
      etude_pair_rows(inputs.pairs, paddedDepth, x.bfloat16, stride, rows, depth)
      etude_pair_narrowed_rows(rounded.pairs, paddedTime, tile, paddedTime, rows)
      etude_small_product_pairs(
        time, paddedDepth, (rows + 1) / 2, panel, paddedDepth, rounded.pairs, 1, paddedTime,
        inputs.pairs, paddedDepth, adding ? 1 : 0)
    } else {
      copy(x, stride: stride, rows: rows, into: inputs)
      etude_small_product(
        time, paddedDepth, rows, panel, paddedDepth, tile, 1, paddedTime, inputs, paddedDepth,
        adding ? 1 : 0)
    }
  }

  /// `factors[i] = x_i · y_i` for rows of two heads.
  func dots(_ x: Reals, _ y: Reals, stride: Int, rows: Int) {
    let (a, b) = (block(0), block(1))
    for i in 0..<rows {
      factors[i] = Float(
        etude_dot(
          x.floats(i * stride, depth, buffer: a), y.floats(i * stride, depth, buffer: b), depth))
    }
  }

  /// Rows without their padding.
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
  /// The same memory as pairs of bfloat16: all of `HeadMemory` is used as either.
  fileprivate var pairs: UnsafeMutablePointer<UInt32> {
    UnsafeMutableRawPointer(self).assumingMemoryBound(to: UInt32.self)
  }
}
