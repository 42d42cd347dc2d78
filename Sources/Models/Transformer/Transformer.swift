import Tensor

/// A stack of layers with one norm before the first or after the last of them.
///
/// ```swift
/// let layers = (0..<6).map { _ in
///   PostNormLayer(
///     attention: SelfAttention(width: 256, heads: 4, using: &generator),
///     feedForward: GELUFeedForward(width: 256, inner: 1024, using: &generator), dropout: 0.1)
/// }
/// let transformer = Transformer(layers, width: 256)
/// ```
public struct Transformer: Module {
  /// Where the one norm stands.
  public enum NormPlace: Sendable {
    /// Before the first layer.
    case first
    /// After the last layer.
    case last
  }

  /// The one norm.
  public var norm: LayerNorm
  /// From first to last.
  public var layers: [any TransformerLayer]
  /// Where the norm stands: where layers such as the first have it.
  public let normPlace: NormPlace
  /// Probability of dropping a value before the first layer while training.
  public var dropout: Float
  /// Probability of leaving out a layer for a step while training.
  public var layerDrop: Float

  /// - Parameters:
  ///   - layers: At least one, all of frames of `width` channels.
  ///   - width: Channels of a frame, `D`.
  ///   - dropout: Probability of dropping a value before the first layer while training.
  ///   - layerDrop: Probability of leaving out a layer for a step while training.
  /// - Traps when: there is no layer.
  public init(
    _ layers: [any TransformerLayer], width: Int, dropout: Float = 0, layerDrop: Float = 0
  ) {
    precondition(!layers.isEmpty, "Transformer: needs at least one layer, got 0")
    norm = LayerNorm(width: width)
    normPlace = type(of: layers[0]).stackNorm
    (self.layers, self.dropout, self.layerDrop) = (layers, dropout, layerDrop)
  }

  /// - Parameters:
  ///   - x: Frames with their positions added, `[B, T, D]`.
  ///   - pass: The pass: what is random and what it keeps.
  /// - Returns: `[B, T, D]`, after the norm if that stands last; with `pass.lastLayer` what leaves that layer.
  /// - Traps when: `pass.lastLayer` is no layer.
  public func callAsFunction(_ x: Tensor, in pass: ForwardPass) -> Tensor {
    let layers = stack(for: pass)
    if !pass.isTraining { layers.layOutWeights(for: x) }
    var x = pass.dropout(normPlace == .last ? x : norm(x), probability: dropout)
    pass.keep(hiddenState: x)
    for (i, layer) in layers.enumerated() {
      pass.isInLastLayer = i == layers.count - 1
      if !pass.drops(layer: i, probability: layerDrop) { x = layer.run(x, in: pass) }
      pass.keep(hiddenState: x)
    }
    return normPlace == .last && pass.lastLayer == nil ? norm(x) : x
  }

  /// The layers that a pass runs.
  private func stack(for pass: ForwardPass) -> ArraySlice<any TransformerLayer> {
    guard let last = pass.lastLayer else { return layers[...] }
    precondition(
      (0...layers.count).contains(last), "lastLayer: \(last) is not one of 0...\(layers.count)")
    return layers[..<last]
  }

  /// Shows the norm, then the layers.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("norm", &norm, depth: normPlace == .first ? .beforeLayers : .afterLayers)
    for i in layers.indices {
      visitor.child("layers.\(i)", &layers[i], depth: .layer(i + 1))
    }
  }
}
