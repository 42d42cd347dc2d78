import Models
import Tensor

/// BEST-RQ's quantiser: each codebook has a random projection and random vectors, of which nothing is learned.
///
/// A frame `x` is brought to mean 0 and variance 1, over its own channels or by the statistics of a collection.
/// With a matrix `P` `[D, width]` and vectors `c_k` its code is `argmin_k ‖ xP / |xP| - c_k / |c_k| ‖`. A seed
/// draws `P`, from Xavier's normal distribution, and the vectors, from N(0, 1), once; files keep both.
///
/// Source: Chiu et al. 2022, 3.1, where the statistics are those of the whole training set.
public struct RandomProjectionQuantizer: FrameQuantizer {
  /// `randomProjection`
  public static let kind = "randomProjection"

  /// Those of the collection; nil standardises each frame over its channels.
  private var statistics: FrameStatistics?
  private var books: [RandomProjection]

  /// Draws projections and vectors.
  ///
  /// - Parameters:
  ///   - width: Channels of a frame, `D`.
  ///   - codebooks: Number of codebooks.
  ///   - codes: Entries of each.
  ///   - projectedWidth: Channels in which a projected frame and the entries are compared.
  ///   - statistics: Those of the collection; nil standardises each frame over its channels.
  ///   - seed: Decides the draws.
  public init(
    width: Int, codebooks: Int, codes: Int, projectedWidth: Int,
    statistics: FrameStatistics? = nil, seed: UInt64
  ) {
    self.statistics = statistics
    books = (0..<codebooks).map { number in
      RandomProjection(
        width: width, codes: codes, projectedWidth: projectedWidth, seed: seed, number: number)
    }
  }

  /// The quantiser of these tensors: for each codebook `books.N.projection` and `books.N.vectors`, and of a
  /// collection's statistics `statistics.mean` and `statistics.deviation`.
  /// - Throws: `ModelError.tensors` if they do not fit together.
  public init(state: [String: Tensor]) throws(ModelError) {
    let width = try state.matrix("books.0.projection").shape[0]
    statistics = state["statistics.mean"] == nil ? nil : try FrameStatistics(width, in: state)
    books = []
    while state["books.\(books.count).vectors"] != nil {
      let name = "books.\(books.count)"
      let vectors = try state.matrix("\(name).vectors")
      let projection = try state.tensor("\(name).projection", [width, vectors.shape[1]])
      books.append(RandomProjection(projection: projection, vectors: vectors))
    }
    // No other tensors.
    try load(state)
  }

  /// One for each codebook.
  public var codebookSizes: [Int] { books.map(\.codes) }
  /// Channels of a frame, `D`.
  public var width: Int { books[0].width }

  /// The number of the vector with the greatest cosine, the lowest of equals.
  public func codes(of frames: Tensor) -> Tensor {
    check(frames)
    let x = statistics?(frames) ?? frames.layerNorm(weight: nil, bias: nil)
    return .columns(ofCodes: books.map { $0.codes(of: x) })
  }

  /// Shows statistics and codebooks, all of them buffers.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("statistics", &statistics)
    visitor.children("books", &books)
  }
}
