import Models
import Settings
import Tensor

/// The numbers of a residual quantiser that is fitted before the first step, `ProjectedQuantizer`: on stacked log-mel
/// energies MuQ's Mel-RVQ.
public struct ResidualTokens: TokenizerSetting {
  /// The quantiser and its training.
  public var quantizer = ProjectedQuantizer.Config()

  /// MuQ's quantiser.
  public init() {}

  /// One for each level.
  public var codebookSizes: [Int] {
    Array(repeating: quantizer.codes, count: quantizer.codebooks)
  }

  /// One for each code.
  public var leastFrames: Int { quantizer.codes }

  /// A quantiser of zeros until it is fitted.
  public func tokenizer(width: Int) -> any Tokenizer {
    var stream = RandomStream(seed: 0, purpose: .clustering)
    let untrained = ProjectedQuantizer(
      quantizer, statistics: Whitening(.global, width: width), using: &stream)
    return ResidualTokenizer(config: quantizer, quantizer: Frozen(untrained))
  }
}

/// Codes of a fitted `ProjectedQuantizer`.
struct ResidualTokenizer: Tokenizer {
  let config: ProjectedQuantizer.Config
  var quantizer: Frozen<ProjectedQuantizer>

  func codes(of frames: Tensor) -> [[Int32]] { quantizer.module.books(of: frames) }

  mutating func fit(to frames: Tensor, seed: UInt64) throws {
    var fit = try ProjectedQuantizerFit(to: frames, config, seed: seed)
    while fit.step < config.steps { try fit.advance() }
    quantizer = Frozen(fit.quantizer.detached())
  }

  mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("quantizer", &quantizer)
  }
}
