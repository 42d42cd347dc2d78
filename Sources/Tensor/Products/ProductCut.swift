/// The pieces of a product, decided by its size and by what the CPU multiplies with, so that its bits do not depend on
/// the number of threads.
///
/// The longer side is halved again and again: a library copies both operands of every piece, and a
/// square copies least for its number of sums. Where there are enough pieces for a few cores, those for
/// more keep a side on which the copies do not weigh.
struct ProductCut {
  /// The sides of a product's result.
  enum Sides { case rows, columns, both }

  /// The pieces along the rows of the result.
  private(set) var rows = 1
  /// The pieces along its columns.
  private(set) var columns = 1
  private let (m, n): (Int, Int)

  /// The fewest multiplications of a piece: some twenty microseconds of floats, a few of bfloat16 in tiles.
  private static let leastWork = 1 << 21
  /// A piece of twice as many is halved even if there are enough for a few cores.
  private static let muchWork = 1 << 27
  /// Pieces for a few cores, and for the cores of a large machine.
  private static let (few, most) = (8, 64)
  /// Pieces begin at multiples of this, as the libraries' tiles do.
  private static let alignment = 16

  /// - Parameters:
  ///   - count: The number of products of this size that run at the same time.
  ///   - sides: The sides of the result that may be cut.
  ///   - leastSide: The least length of a side that is cut for more than a few cores. A step of MERT-95M takes 4 % longer
  ///     with half of it.
  init(
    _ m: Int, _ n: Int, _ k: Int, times count: Int = 1, along sides: Sides = .both,
    leastSide: Int = 384
  ) {
    (self.m, self.n) = (m, n)
    var (height, width, pieces) = (m, n, count)
    while true {
      let work = height * width * k
      let cutsRows = sides == .rows || sides == .both && height >= width
      let least =
        pieces < Self.few
        ? (work: Self.leastWork, side: Self.alignment) : (work: Self.muchWork, side: leastSide)
      guard pieces < Self.most, work >= 2 * least.work,
        (cutsRows ? height : width) >= 2 * least.side
      else { return }
      pieces *= 2
      if cutsRows {
        (rows, height) = (2 * rows, height / 2)
      } else {
        (columns, width) = (2 * columns, width / 2)
      }
    }
  }

  /// The number of pieces.
  var count: Int { rows * columns }

  /// The rows and columns of the result that a piece has; they may be empty.
  subscript(piece: Int) -> (rows: Range<Int>, columns: Range<Int>) {
    (Self.part(piece / columns, of: rows, m), Self.part(piece % columns, of: columns, n))
  }

  private static func part(_ number: Int, of parts: Int, _ length: Int) -> Range<Int> {
    let size = ((length + parts - 1) / parts + alignment - 1) / alignment * alignment
    return min(number * size, length)..<min((number + 1) * size, length)
  }
}
