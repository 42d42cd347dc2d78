import Settings
import Tensor

/// Codebooks in a row, each for what the ones before left over.
///
/// The first `n` codes of a latent are the same however many codebooks are used. Everything is float32.
///
/// Source: Zeghidour et al. 2021 (SoundStream), §3.3; EnCodec's `ResidualVectorQuantization`.
public struct ResidualQuantizer: Module {
  /// The numbers of a codec's `quantizer`.
  public struct Config: Configuration {
    /// Number of codebooks.
    public var codebooks = 32
    /// Entries of each codebook; a power of 2.
    public var codes = 1024

    /// EnCodec at 24 kHz.
    public init() {}

    /// Counts.
    public func validate() throws(InvalidSetting) {
      try require("codebooks", codebooks, in: 1...1_024)
      try require("codes", codes, in: 2...65_536)
      try require(codes & (codes - 1) == 0, "codes", "\(codes) is not a power of 2")
    }

    /// Bits of one code.
    public var bits: Int { codes.trailingZeroBitCount }
  }

  /// From first to last.
  public var codebooks: [Codebook]

  /// Codebooks that have learned nothing yet.
  ///
  /// - Parameters:
  ///   - config: How many, of how many entries.
  ///   - width: Numbers of an entry, `D`.
  public init(_ config: Config, width: Int) {
    codebooks = (0..<config.codebooks).map { _ in Codebook(codes: config.codes, width: width) }
  }

  /// The nearest entry of each codebook to what the entries before left over. Nothing is tracked.
  ///
  /// `r_0 = z`, `i_q = argmin_j |r_q - e_qj|`, `r_{q+1} = r_q - e_q,i_q`.
  /// - Parameters:
  ///   - latents: `[N, D]`, float32.
  ///   - count: Codebooks to use, `Q`.
  /// - Returns: int32 `[N, Q]`; the lowest of several entries equally near.
  /// - Traps when: the latents are of another width, or `count` is not between 1 and the number of codebooks.
  public func codes(of latents: Tensor, codebooks count: Int) -> Tensor {
    precondition(
      (1...codebooks.count).contains(count),
      "codes: \(count) of \(codebooks.count) codebooks")
    var residual = latents.detached()
    let columns = codebooks.prefix(count).map { codebook in
      let rows = residual.nearest(among: codebook.vectors).rows
      residual = residual - codebook.vectors.gatheringRows(rows.map(Int.init))
      return rows
    }
    return Tensor(shape: [latents.shape[0], count]) { (codes: UnsafeMutableBufferPointer<Int32>) in
      for (q, rows) in columns.enumerated() {
        for (n, code) in rows.enumerated() { codes[n * count + q] = code }
      }
    }
  }

  /// The sum of the entries of each row of codes: `ẑ = Σ_q e_q,i_q`.
  ///
  /// - Parameter codes: int32 `[N, Q]`
  /// - Returns: `[N, D]`, float32.
  /// - Traps when: there are more columns than codebooks, or a code is none of its codebook's.
  public func latents(of codes: Tensor) -> Tensor {
    precondition(
      codes.rank == 2 && (1...codebooks.count).contains(codes.shape[1]),
      "latents: codes \(codes.shape) do not fit \(codebooks.count) codebooks")
    let (all, count) = (codes.integers, codes.shape[1])
    let entries = (0..<count).map { q in
      let column = stride(from: q, to: all.count, by: count).map { Int(all[$0]) }
      return codebooks[q].vectors.gatheringRows(column)
    }
    return entries.dropFirst().reduce(entries[0], +)
  }

  /// Shows the codebooks.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.children("codebooks", &codebooks)
  }
}

/// Vectors that stand for codes, with the running averages that they are learned from. No gradient changes them.
///
/// Source: EnCodec's `EuclideanCodebook`.
public struct Codebook: Module {
  /// 1 if the vectors have been learned, `[1]`.
  public var isInitialized: Tensor
  /// The running number of latents of each code, `[K]`.
  public var clusterSizes: Tensor
  /// The entries, `[K, D]`.
  public var vectors: Tensor
  /// The running sum of the latents of each code, `[K, D]`.
  public var sums: Tensor

  /// All zeros.
  ///
  /// - Parameters:
  ///   - codes: Entries, `K`.
  ///   - width: Numbers of an entry, `D`.
  public init(codes: Int, width: Int) {
    isInitialized = .zeros([1])
    clusterSizes = .zeros([codes])
    (vectors, sums) = (.zeros([codes, width]), .zeros([codes, width]))
  }

  /// Shows the four tensors as buffers.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.buffer("isInitialized", &isInitialized)
    visitor.buffer("clusterSizes", &clusterSizes)
    visitor.buffer("vectors", &vectors)
    visitor.buffer("sums", &sums)
  }
}
