import Models
import Settings
import Tensor

/// The numbers of random projections: `code = argmin_k ‖ xP / |xP| - c_k / |c_k| ‖`, with `P` from Xavier's normal
/// distribution and `c_k` from N(0, 1).
///
/// Source: Chiu et al. 2022, 3.1; MusicFM and OMAR-RQ.
public struct RandomProjectionTokens: TokenizerSetting {
  /// Number of codebooks, each with a projection of its own.
  public var codebooks = 1
  /// Entries of each codebook.
  public var codes = 4_096
  /// Channels in which a projected frame and the entries are compared.
  public var projectedWidth = 16
  /// Seed of the projections and entries, which belong to the objective and not to the run.
  public var seed = 142

  /// MusicFM's.
  public init() {}

  /// Counts.
  public func validate() throws(InvalidSetting) {
    try require("codebooks", codebooks, in: 1...1_000)
    try require("codes", codes, in: 2...1_048_576)
    try require("projectedWidth", projectedWidth, in: 1...4_096)
    try require("seed", seed, in: 0...Int.max)
  }

  /// One for each codebook.
  public var codebookSizes: [Int] { Array(repeating: codes, count: codebooks) }

  /// Draws projections and vectors.
  public func tokenizer(width: Int) -> any Tokenizer {
    RandomProjectionTokenizer(
      (0..<codebooks).map { book in
        RandomProjection(
          width: width, codes: codes, projectedWidth: projectedWidth, seed: UInt64(seed),
          number: book)
      })
  }
}

/// Codebooks with a random projection each.
struct RandomProjectionTokenizer: Tokenizer {
  private var books: [RandomProjection]

  init(_ books: [RandomProjection]) { self.books = books }

  func codes(of frames: Tensor) -> [[Int32]] { books.map { $0.codes(of: frames) } }

  mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.children("books", &books)
  }
}
