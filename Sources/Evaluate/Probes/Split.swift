import Tensor

/// The parts that a probe divides the pieces into.
public enum ProbePart: Sendable {
  case training, validation, test
}

/// Which part each piece belongs to; examples of one piece never lie in two parts.
public struct ProbeSplit: Sendable {
  /// The shares of the pieces, by part.
  public struct Config: Configuration {
    /// The share of the pieces that choose layer and penalty.
    public var validation = 0.2
    /// The share of the pieces that the accuracy is measured on.
    public var test = 0.2
    /// The defaults.
    public init() {}
  }

  /// The part of each piece.
  public let parts: [ProbePart]

  /// A seeded shuffle of the pieces, cut in three.
  public init(pieces: Int, seed: UInt64, _ config: Config = Config()) {
    var generator = RandomStream(seed: seed, purpose: .probe, step: 1)
    let validation = Int((config.validation * Double(pieces)).rounded())
    let test = Int((config.test * Double(pieces)).rounded())
    var parts = [ProbePart](repeating: .training, count: pieces)
    for (rank, piece) in (0..<pieces).shuffled(using: &generator).enumerated() {
      if rank < test + validation { parts[piece] = rank < test ? .test : .validation }
    }
    self.parts = parts
  }

  /// The indices of the examples whose piece lies in `part`.
  public func rows(of part: ProbePart, in examples: ProbeExamples) -> [Int] {
    examples.examples.indices.filter { parts[examples.examples[$0].piece] == part }
  }
}
