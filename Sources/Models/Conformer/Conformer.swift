import Tensor

/// A stack of Conformer layers, with or without a norm after the last.
///
/// Its hidden states are what enters each layer, and last what leaves all of them, after the norm if there is one:
/// those of `Wav2Vec2ConformerEncoder` in `transformers` 4.
public struct Conformer: Module {
  /// From first to last.
  public var layers: [ConformerLayer]
  /// After the last layer; nil if nothing follows it.
  public var norm: LayerNorm?
  /// Probability of dropping a value before the first layer while training.
  public var dropout: Float

  /// - Parameters:
  ///   - layers: At least one, all of frames of one width.
  ///   - hasNorm: Whether a norm follows the last of them.
  ///   - dropout: Probability of dropping a value before the first layer while training.
  /// - Traps when: there is no layer.
  public init(_ layers: [ConformerLayer], hasNorm: Bool = true, dropout: Float = 0) {
    precondition(!layers.isEmpty, "Conformer: needs at least one layer, got 0")
    let last = layers[layers.count - 1].norm
    norm = hasNorm ? LayerNorm(width: layers[0].attention.width, epsilon: last.epsilon) : nil
    (self.layers, self.dropout) = (layers, dropout)
  }

  /// - Parameters:
  ///   - x: `[B, T, D]`
  ///   - pass: The pass: what is random and what it keeps.
  /// - Returns: `[B, T, D]`, after the norm if there is one; with `pass.lastLayer` below the number of layers what leaves that
  ///   layer.
  /// - Traps when: `pass.lastLayer` is no layer.
  public func callAsFunction(_ x: Tensor, in pass: ForwardPass) -> Tensor {
    let count = pass.lastLayer ?? layers.count
    precondition(
      (0...layers.count).contains(count), "lastLayer: \(count) is not one of 0...\(layers.count)")
    if !pass.isTraining { layers[..<count].layOutWeights(for: x) }
    var x = pass.dropout(x, probability: dropout)
    for (i, layer) in layers[..<count].enumerated() {
      pass.keep(hiddenState: x)
      pass.isInLastLayer = i == count - 1
      x = layer.run(x, in: pass)
    }
    if count == layers.count, let norm { x = norm(x) }
    pass.keep(hiddenState: x)
    return x
  }

  /// Moves the running averages of the batch norms towards what a training pass measured.
  /// - Traps when: the pass has other statistics than those of these layers.
  public mutating func updateStatistics(from rest: inout ArraySlice<BatchStatistics>) {
    for i in layers.indices { layers[i].updateStatistics(from: &rest) }
  }

  /// Shows the layers, then the norm.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    for i in layers.indices {
      visitor.child("layers.\(i)", &layers[i], depth: .layer(i + 1))
    }
    visitor.child("norm", &norm, depth: .afterLayers)
  }
}
