import Tensor

/// One layer of a stack: frames in, frames of the same shape out.
public protocol EncoderLayer: Module {
  /// - Parameters:
  ///   - x: Frames, `[B, T, D]`
  ///   - pass: The pass: what is random and what it keeps.
  /// - Returns: `[B, T, D]`
  func callAsFunction(_ x: Tensor, in pass: ForwardPass) -> Tensor
}

extension EncoderLayer {
  /// The layer as the pass wants it: keeping what its gradient needs, or computing that again.
  func run(_ x: Tensor, in pass: ForwardPass) -> Tensor {
    guard pass.recomputesLayers else { return self(x, in: pass) }
    let (start, plain) = (pass.replayed(), detached())
    return Tensor.checkpointed(
      [x] + parameters.map(\.tensor), computing: { plain($0[0], in: pass) },
      again: { plain.with(parameters: $0.dropFirst())($0[0], in: start.replayed()) })
  }

  /// This layer with other parameters, in the order of `visit`.
  private func with(parameters: some Sequence<Tensor>) -> Self {
    var (copy, next) = (self, parameters.makeIterator())
    copy.update { _, parameter in parameter = next.next() ?? parameter }
    return copy
  }

  /// The weights of its linear maps that no gradient is computed for.
  fileprivate var constantMatrices: [Tensor] {
    var matrices: [Tensor] = []
    forEachParameter { place, tensor in
      if place.role == .weight, tensor.rank == 2, !tensor.isTracked { matrices.append(tensor) }
    }
    return matrices
  }
}

extension Sequence {
  /// Prepares the linear maps of layers for frames `[B, T, D]`, on all cores rather than each where it is met
  /// first.
  func layOutWeights(for frames: Tensor) where Element == any TransformerLayer {
    frames.layOut(flatMap { $0.constantMatrices })
  }

  /// The same for layers of one kind.
  func layOutWeights(for frames: Tensor) where Element: EncoderLayer {
    frames.layOut(flatMap { $0.constantMatrices })
  }
}

extension Tensor {
  fileprivate func layOut(_ matrices: [Tensor]) {
    guard shape[0] * shape[1] >= Tensor.worthPacking else { return }
    Tensor.layOut(matrices, as: dtype)
  }
}
