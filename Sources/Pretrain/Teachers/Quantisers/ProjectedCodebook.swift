import Models
import Tensor

/// One level of a `ProjectedQuantizer`: a codebook in few channels, between two maps.
///
/// `z = in(x)`; the code is the entry with the greatest cosine, `k = argmin ‖ z / |z| - e_k / |e_k| ‖`; the
/// output is `out(e_k)`, of the entry at its own length. Gradients pass from the entry to `z` unchanged
/// (straight-through).
///
/// Source: Kumar et al. 2023 (DAC), 3.2.
public struct ProjectedCodebook: Module {
  /// From `D` channels to those of the entries.
  public var input: NormedLinear
  /// And back.
  public var output: NormedLinear
  /// The entries `e`, `[codes, d]`.
  public var entries: Tensor

  /// Maps as PyTorch draws them, entries from N(0, 1).
  init(
    width: Int, projectedWidth: Int, codes: Int, using generator: inout some RandomNumberGenerator
  ) {
    input = NormedLinear(from: width, to: projectedWidth, using: &generator)
    output = NormedLinear(from: projectedWidth, to: width, using: &generator)
    entries = .normal([codes, projectedWidth], using: &generator)
  }

  /// The tensors below a name of a state: `entries`, and `gain`, `direction` and `bias` of `input` and `output`.
  /// - Throws: `ModelError.tensors` if one is missing or ill-shaped.
  init(_ name: String, width: Int, in state: [String: Tensor]) throws(ModelError) {
    entries = try state.matrix("\(name).entries")
    let projectedWidth = entries.shape[1]
    input = try NormedLinear("\(name).input", from: width, to: projectedWidth, in: state)
    output = try NormedLinear("\(name).output", from: projectedWidth, to: width, in: state)
  }

  /// What a level makes of frames.
  struct Part {
    /// The number of the entry of each frame.
    let codes: [Int32]
    /// `z`, `[N, d]`
    let projected: Tensor
    /// `e`, the entry of each frame, `[N, d]`.
    let entries: Tensor
    /// `[N, D]`
    let output: Tensor

    /// `mean (z - sg e)²`, which pulls projections to entries.
    var commitment: Tensor { (projected - entries.detached()).squared().mean() }
    /// `mean (e - sg z)²`, which pulls entries to projections.
    var codebook: Tensor { (entries - projected.detached()).squared().mean() }
  }

  /// - Parameter x: `[N, D]`
  func callAsFunction(_ x: Tensor) -> Part {
    let projected = input(x)
    let codes = codes(ofProjected: projected)
    let entries = entries.gatheringRows(codes.map(Int.init))
    let straight = projected + (entries - projected).detached()
    return Part(codes: codes, projected: projected, entries: entries, output: output(straight))
  }

  private func codes(ofProjected projected: Tensor) -> [Int32] {
    projected.detached().l2Normalized().nearest(among: entries.detached().l2Normalized()).rows
  }

  /// Shows both maps and the entries.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("input", &input)
    visitor.child("output", &output)
    visitor.parameter("entries", &entries, as: .embedding)
  }
}

extension NormedLinear {
  fileprivate init(
    _ name: String, from input: Int, to output: Int, in state: [String: Tensor]
  ) throws(ModelError) {
    self.init(
      gain: try state.tensor("\(name).gain", [output]),
      direction: try state.tensor("\(name).direction", [output, input]),
      bias: try state.tensor("\(name).bias", [output]))
  }
}
