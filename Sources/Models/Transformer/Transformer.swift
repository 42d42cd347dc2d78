import Tensor

/// The stack of layers with its one norm: after the last layer in a pre-norm model, before the first in
/// the others.
struct Transformer: Module {
  var norm: LayerNorm
  var layers: [any TransformerLayer]
  let order: AudioEncoder.NormOrder
  let dropout: Float
  let layerDrop: Float

  init(_ config: AudioEncoder.Config, using generator: inout some RandomNumberGenerator) {
    norm = LayerNorm(width: config.width)
    layers = []
    for _ in 0..<config.layers {
      switch config.normOrder {
      case .post, .deep: layers.append(PostNormLayer(config, using: &generator))
      case .pre: layers.append(PreNormLayer(config, using: &generator))
      }
    }
    order = config.normOrder
    (dropout, layerDrop) = (config.dropout, config.layerDrop)
  }

  /// - Parameter x: Frames with their positions added, `[B, T, D]`.
  /// - Returns: `[B, T, D]`, after the final norm in a pre-norm model.
  func callAsFunction(_ x: Tensor, in pass: ForwardPass) -> Tensor {
    var x = pass.dropout(order == .pre ? x : norm(x), probability: dropout)
    pass.keep(hiddenState: x)
    for (i, layer) in layers.enumerated() {
      if !pass.drops(layer: i, probability: layerDrop) { x = layer.run(x, in: pass) }
      pass.keep(hiddenState: x)
    }
    return order == .pre ? norm(x) : x
  }

  mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("norm", &norm)
    for i in layers.indices { visitor.child("layers.\(i)", &layers[i]) }
  }
}
