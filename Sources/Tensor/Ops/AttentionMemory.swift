import Kernels

/// What one head works in, and the products between its parts; all widths padded to whole vectors.
///
/// - `tile`: some rows of weights, `[rows, T]`.
/// - `panel`: keys, values or the like, `[T, depth]`, or across, `[depth, T]`.
/// - `block`: some rows of the result, `[rows, depth]`.
struct HeadMemory {
  let paddedTime: Int
  private let paddedDepth: Int
  private let time: Int
  private let depth: Int
  private let blockRows: Int
  private let buffer: Tensor
  private let tileCount: Int
  private let panelCount: Int

  /// Floats of a tile: two of them and the panels of a crop stay in the second-level cache.
  private static let tileSize = 1 << 16
  private static let fewestRows = 32

  init(tiles: Int, panels: Int, time: Int, depth: Int) {
    (self.time, self.depth, tileCount, panelCount) = (time, depth, tiles, panels)
    (paddedTime, paddedDepth) = ((time + 15) / 16 * 16, (depth + 15) / 16 * 16)
    let most = max(Self.fewestRows, Self.tileSize / paddedTime)
    let blocks = (time + most - 1) / most
    // Equal blocks, of whole register tiles where that is possible.
    blockRows = min(time, ((time + blocks - 1) / blocks + 5) / 6 * 6)
    let size = tiles * blockRows * paddedTime + panels * paddedTime * paddedDepth
    buffer = Tensor(uninitialized: [size + blockRows * (paddedDepth + 1)])
  }

  func forEachBlock(_ body: (_ row: Int, _ rows: Int) -> Void) {
    for row in stride(from: 0, to: time, by: blockRows) { body(row, min(blockRows, time - row)) }
  }

  private var base: UnsafeMutablePointer<Float> { UnsafeMutablePointer(mutating: buffer.floats) }

  func panel(_ i: Int) -> UnsafeMutablePointer<Float> { base + i * paddedTime * paddedDepth }

  func tile(_ i: Int) -> UnsafeMutablePointer<Float> {
    panel(panelCount) + i * blockRows * paddedTime
  }

  var block: UnsafeMutablePointer<Float> { tile(tileCount) }

  /// A number for each row of a block.
  var factors: UnsafeMutablePointer<Float> { block + blockRows * paddedDepth }
}

extension HeadMemory {
  /// Rows of a head, with zeros after each.
  func copy(
    _ x: UnsafePointer<Float>, stride: Int, rows: Int, into panel: UnsafeMutablePointer<Float>
  ) {
    for row in 0..<rows {
      let target = panel + row * paddedDepth
      target.update(from: x + row * stride, count: depth)
      (target + depth).update(repeating: 0, count: paddedDepth - depth)
    }
  }

  /// All rows of a head as columns, with zeros after the last.
  func transpose(
    _ x: UnsafePointer<Float>, stride: Int, into panel: UnsafeMutablePointer<Float>
  ) {
    etude_transpose(panel, paddedTime, x, stride, time, depth)
    for row in 0..<depth {
      (panel + row * paddedTime + time).update(repeating: 0, count: paddedTime - time)
    }
  }

  /// `[rows, depth] × [depth, T]`
  func scores(
    of x: UnsafePointer<Float>, stride: Int, rows: Int, by across: UnsafePointer<Float>,
    into tile: UnsafeMutablePointer<Float>
  ) {
    etude_small_product(
      rows, paddedTime, depth, tile, paddedTime, x, stride, 1, across, paddedTime, 0)
  }

  /// `[rows, T] × [T, depth]`
  func weightedSum(
    of panel: UnsafePointer<Float>, by tile: UnsafePointer<Float>, rows: Int,
    into block: UnsafeMutablePointer<Float>
  ) {
    etude_small_product(
      rows, paddedDepth, time, block, paddedDepth, tile, paddedTime, 1, panel, paddedDepth, 0)
  }

  /// `[rows, T]ᵀ × [rows, depth]`
  func sumOverRows(
    of inputs: UnsafePointer<Float>, by tile: UnsafePointer<Float>, rows: Int,
    into panel: UnsafeMutablePointer<Float>, keeping: Bool
  ) {
    etude_small_product(
      time, paddedDepth, rows, panel, paddedDepth, tile, 1, paddedTime, inputs, paddedDepth,
      keeping ? 1 : 0)
  }

  /// Rows without their padding.
  func store(
    _ panel: UnsafePointer<Float>, rows: Int, into y: UnsafeMutablePointer<Float>, stride: Int
  ) {
    for row in 0..<rows {
      (y + row * stride).update(from: panel + row * paddedDepth, count: depth)
    }
  }

  /// The block's rows, each times its factor.
  func store(
    rows: Int, times factors: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, stride: Int
  ) {
    for row in 0..<rows {
      etude_affine(y + row * stride, block + row * paddedDepth, factors[row], 0, depth)
    }
  }
}
