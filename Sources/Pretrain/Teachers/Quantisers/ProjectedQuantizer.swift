import Models
import Settings
import Tensor

/// A residual quantiser whose codebooks lie in few channels, learned by gradient: on log-mel frames the Mel-RVQ
/// of MuQ.
///
/// Frames `x` are brought to mean 0 and variance 1 first (`Whitening`). Level `l` quantises what the levels before it left
/// over, `r_0 = x`, `r_{l+1} = r_l - out_l(r_l)`, and the sum of all outputs is `x̂`. The loss is
/// `commitmentWeight Σ_l commitment_l + codebookWeight Σ_l codebook_l + mean |x - x̂|`.
///
/// The residual is not detached between levels: the loss of a level also moves the output maps before it.
///
/// Source: Zhu et al. 2025 (MuQ), its trainer of the quantiser; Kumar et al. 2023 (DAC) for a level. Different:
/// codes that are no longer used are replaced (`StaleCodes`), MuQ's own rule never replaces one; the learning rate
/// is ten times as high, for a training that is a hundred times shorter.
public struct ProjectedQuantizer: FrameQuantizer {
  /// The numbers of the quantiser and of its training.
  public struct Config: Configuration {
    /// Number of levels, each with a codebook of its own.
    public var codebooks = 8
    /// Entries of each codebook.
    public var codes = 1_024
    /// Channels in which a projected frame and the entries are compared.
    public var projectedWidth = 16
    /// Weight of the losses that pull the projections to the entries.
    public var commitmentWeight: Float = 0.25
    /// Weight of the losses that pull the entries to the projections.
    public var codebookWeight: Float = 1
    /// Length of the training, in steps.
    public var steps = 2_000
    /// Size of a batch, in frames, drawn with replacement.
    public var batchFrames = 4_096
    /// Learning rate of Adam.
    public var learningRate: Float = 0.001
    /// Age at which an entry without a frame is replaced by a projected frame of the batch, in steps.
    public var staleSteps = 100
    /// MuQ's sizes and weights.
    public init() {}

    /// Counts and weights.
    public func validate() throws(InvalidSetting) {
      try require("codebooks", codebooks, in: 1...1_000)
      try require("codes", codes, in: 2...1_048_576)
      try require("projectedWidth", projectedWidth, in: 1...4_096)
      try require(notNegative: "commitmentWeight", commitmentWeight)
      try require(notNegative: "codebookWeight", codebookWeight)
      try require("steps", steps, in: 1...100_000_000)
      try require("batchFrames", batchFrames, in: 1...100_000_000)
      try require(positive: "learningRate", learningRate)
      try require("staleSteps", staleSteps, in: 1...100_000_000)
    }
  }

  /// `projectedRVQ`
  public static let kind = "projectedRVQ"

  /// Of the frames, fitted to the collection.
  private var statistics: Whitening
  /// From first to last.
  public internal(set) var levels: [ProjectedCodebook]

  /// An untrained quantiser.
  ///
  /// - Parameters:
  ///   - config: Its sizes.
  ///   - statistics: Those of the frames, of `D` channels.
  ///   - generator: Draws the initial weights.
  public init(
    _ config: Config, statistics: Whitening, using generator: inout some RandomNumberGenerator
  ) {
    self.statistics = statistics
    levels = []
    for _ in 0..<config.codebooks {
      levels.append(
        ProjectedCodebook(
          width: statistics.width, projectedWidth: config.projectedWidth, codes: config.codes,
          using: &generator))
    }
  }

  /// The quantiser of these tensors: `statistics.mean` with `statistics.deviation` or `statistics.matrix`, or neither for
  /// frames that are not whitened, and of each level
  /// `levels.N.entries`, `levels.N.input.{gain,direction,bias}` and `levels.N.output.{gain,direction,bias}`.
  /// - Throws: `ModelError.tensors` if they do not fit together.
  public init(state: [String: Tensor]) throws(ModelError) {
    let width = try state.matrix("levels.0.input.direction").shape[1]
    statistics = try Whitening(width, in: state)
    levels = []
    while state["levels.\(levels.count).entries"] != nil {
      levels.append(try ProjectedCodebook("levels.\(levels.count)", width: width, in: state))
    }
    // No other tensors.
    try load(state)
  }

  /// One for each level.
  public var codebookSizes: [Int] { levels.map { $0.entries.shape[0] } }
  /// Channels of a frame, `D`.
  public var width: Int { statistics.width }

  /// The code of each level, each of what the levels before it left over.
  public func codes(of frames: Tensor) -> Tensor {
    check(frames)
    let quantizer = detached()
    let blocks = frames.mapBlocks { quantizer.books(of: $0) }
    return .columns(ofCodes: levels.indices.map { level in blocks.flatMap { $0[level] } })
  }

  /// The codes of frames `[N, D]`, a list for each level.
  func books(of frames: Tensor) -> [[Int32]] {
    var residual = statistics(frames)
    return levels.map { level in
      let part = level(residual)
      residual = residual - part.output
      return part.codes
    }
  }

  /// Shows the statistics, which are buffers, and the levels.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("statistics", &statistics)
    visitor.children("levels", &levels)
  }
}

extension ProjectedQuantizer {
  /// The losses of a batch, scalars.
  public struct Losses {
    /// What is minimised.
    public var total: Tensor
    /// `Σ_l mean (z - sg e)²`
    public var commitment: Tensor
    /// `Σ_l mean (e - sg z)²`
    public var codebook: Tensor
    /// `mean |x - x̂|`
    public var reconstruction: Tensor
    /// What each level made of the frames.
    var parts: [ProjectedCodebook.Part]

    /// The codes of each level.
    public var codes: [[Int32]] { parts.map(\.codes) }
  }

  /// The losses of frames `[N, D]`.
  /// - Gradient: to all parameters, none to the frames' statistics.
  /// - Traps when: the frames have another width.
  public func losses(of frames: Tensor, _ config: Config) -> Losses {
    check(frames)
    let x = statistics(frames)
    var (residual, parts) = (x, [ProjectedCodebook.Part]())
    for level in levels {
      parts.append(level(residual))
      residual = residual - parts[parts.count - 1].output
    }
    let commitment = parts.reduce(Tensor(0)) { $0 + $1.commitment }
    let codebook = parts.reduce(Tensor(0)) { $0 + $1.codebook }
    // What the last level leaves over is x - x̂.
    let reconstruction = residual.abs().mean()
    return Losses(
      total: commitment * config.commitmentWeight + codebook * config.codebookWeight
        + reconstruction,
      commitment: commitment, codebook: codebook, reconstruction: reconstruction, parts: parts)
  }
}
