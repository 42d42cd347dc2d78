import Models
import Tensor

/// A codebook of BEST-RQ: a random projection and random vectors, of which nothing is learned.
struct RandomProjection: Module {
  /// `[D, width]`
  private var projection: Tensor
  /// `[codes, width]`, of length 1.
  private var vectors: Tensor

  /// Kept tensors, which fit together.
  init(projection: Tensor, vectors: Tensor) {
    (self.projection, self.vectors) = (projection, vectors)
  }

  /// Draws both: the projection from Xavier's normal distribution, the vectors from N(0, 1).
  ///
  /// - Parameters:
  ///   - width: Channels of a frame, `D`.
  ///   - codes: Number of vectors.
  ///   - projectedWidth: Channels in which a projected frame and the vectors are compared.
  ///   - seed: Decides the draws, with `number`.
  ///   - number: The number of the codebook.
  init(width: Int, codes: Int, projectedWidth: Int, seed: UInt64, number: Int) {
    var stream = RandomStream(seed: seed, purpose: .clustering, sample: number)
    let deviation = (2 / Float(width + projectedWidth)).squareRoot()
    projection = .normal([width, projectedWidth], standardDeviation: deviation, using: &stream)
    vectors = Tensor.normal([codes, projectedWidth], using: &stream).l2Normalized()
  }

  /// Channels of a frame, `D`.
  var width: Int { projection.shape[0] }
  /// How many vectors there are.
  var codes: Int { vectors.shape[0] }

  /// The number of the vector with the greatest cosine for each standardised frame of `[N, D]`, the lowest of equals.
  func codes(of frames: Tensor) -> [Int32] {
    frames.matmul(projection).l2Normalized().nearest(among: vectors).rows
  }

  /// Shows both as buffers.
  mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.buffer("projection", &projection)
    visitor.buffer("vectors", &vectors)
  }
}
