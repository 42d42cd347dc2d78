import Tensor

/// The learned mean of the layers of a model: `sum over l of softmax(a)_l h_l`.
enum LayerMean {
  /// - Parameters:
  ///   - layers: Tensors of one shape.
  ///   - logits: `a`, `[layers]`; nil for one layer, which is returned as it is.
  static func of(_ layers: [Tensor], _ logits: Tensor?) -> Tensor {
    guard let logits else { return layers[0] }
    let rows = Tensor.stacked(layers).reshaped([layers.count, layers[0].elementCount])
    return logits.softmax().reshaped([1, layers.count]).matmul(rows).reshaped(layers[0].shape)
  }
}
