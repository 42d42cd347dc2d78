import Models
import Settings
import Tensor

/// The numbers of finite scalar quantisation: each of a few random projections `z = Wx + b` is rounded to one of `L`
/// levels, `l = ⌊(L - 1)(tanh z + 1) / 2 + ½⌋`, and the code is `Σ_j l_j Π_{i<j} L_i`.
///
/// Rows of `W` come from Xavier's normal distribution and are scaled to length 1; `b` from U(±1/√D). Both are kept, and
/// nothing is learned.
///
/// Source: OMAR-RQ; Mentzer et al. 2023 (FSQ), there with learned projections.
public struct ScalarTokens: TokenizerSetting {
  /// Number of codebooks, each with projections of its own.
  public var codebooks = 1
  /// Levels of each projection. A codebook has as many codes as their product.
  public var levels = [6, 6, 6, 6, 6]
  /// Seed of the projections, which belong to the objective and not to the run.
  public var seed = 142

  /// OMAR-RQ's 7,776 codes.
  public init() {}

  /// Counts, and a product that a head can have.
  public func validate() throws(InvalidSetting) {
    try require("codebooks", codebooks, in: 1...1_000)
    try require("levels", levels, in: 2...1_024)
    try require("seed", seed, in: 0...Int.max)
    try require(!levels.isEmpty, "levels", "is empty; name the levels of each projection")
    try require(
      levels.reduce(1.0) { $0 * Double($1) } <= 1_048_576, "levels",
      "make more than 1048576 codes; name fewer")
  }

  /// The product of the levels, for each codebook.
  public var codebookSizes: [Int] {
    Array(repeating: levels.reduce(1, *), count: codebooks)
  }

  /// Draws the projections.
  public func tokenizer(width: Int) -> any Tokenizer {
    ScalarTokenizer(
      levels: levels,
      books: (0..<codebooks).map { book in
        var stream = RandomStream(seed: UInt64(seed), purpose: .clustering, sample: book)
        let deviation = (2 / Float(width + levels.count)).squareRoot()
        let weight = Tensor.normal(
          [levels.count, width], standardDeviation: deviation, using: &stream)
        let limit = 1 / Float(width).squareRoot()
        let bias = Tensor.uniform([levels.count], in: -limit..<limit, using: &stream)
        return ScalarTokenizer.Book(weight: weight.l2Normalized(), bias: bias)
      })
  }
}

/// Codebooks of rounded projections.
struct ScalarTokenizer: Tokenizer {
  /// One codebook's projections.
  struct Book: Module {
    /// `[levels, D]`, rows of length 1.
    var weight: Tensor
    /// `[levels]`
    var bias: Tensor

    mutating func visit(_ visitor: inout some ParameterVisitor) {
      visitor.buffer("weight", &weight)
      visitor.buffer("bias", &bias)
    }
  }

  private let levels: [Int]
  private var books: [Book]

  init(levels: [Int], books: [Book]) { (self.levels, self.books) = (levels, books) }

  func codes(of frames: Tensor) -> [[Int32]] {
    books.map { book in
      let bent = frames.linear(weight: book.weight, bias: book.bias).tanh().scalars
      return (0..<frames.shape[0]).map { code(bent[($0 * levels.count)...]) }
    }
  }

  /// The code of bent projections, each in -1...1.
  private func code(_ bent: ArraySlice<Float>) -> Int32 {
    var (code, place) = (0, 1)
    for (value, count) in zip(bent, levels) {
      let level = Int((Float(count - 1) * (value + 1) / 2 + 0.5).rounded(.down))
      code += place * min(max(0, level), count - 1)
      place *= count
    }
    return Int32(code)
  }

  mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.children("books", &books)
  }
}
