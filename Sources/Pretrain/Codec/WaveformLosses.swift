import Tensor

/// The losses of a batch's reconstructions, which a decoder is trained with.
package struct WaveformLosses {
  /// One of them.
  package struct Term {
    var name: String
    var weight: Float
    /// The scalar of reconstructions `[B, L]`.
    var loss: (Tensor) -> Tensor

    /// All of it.
    package init(name: String, weight: Float, loss: @escaping (Tensor) -> Tensor) {
      (self.name, self.weight, self.loss) = (name, weight, loss)
    }
  }

  /// In the order of the balancer's averages.
  var terms: [Term]

  /// - Parameter terms: The losses.
  package init(terms: [Term]) { self.terms = terms }

  /// Their weighted sum.
  package func summed(of reconstruction: Tensor) -> Loss {
    terms.reduce(into: Loss()) { loss, term in
      loss.add(term.name, Loss(total: term.loss(reconstruction)), weight: term.weight)
    }
  }

  /// The value of `summed`, with the balanced gradients of its terms. What the balancer is to follow is observed.
  ///
  /// The gradient of each loss is computed down to the reconstruction; the decoder's backward pass runs once.
  package func balanced(of reconstruction: Tensor, by balancer: LossBalancer) -> Loss {
    var sum = Loss()
    let gradients = terms.map { term in
      let leaf = reconstruction.detached().tracked()
      let value = term.loss(leaf)
      sum.add(term.name, Loss(total: value.detached()), weight: term.weight)
      return value.gradients()[leaf] ?? .zeros(leaf.shape)
    }
    let combined = balancer.combined(gradients, shares: terms.map(\.weight))
    sum.total = sum.total.derived(from: reconstruction.edge { dy in combined * dy.scalar })
    sum.observations = [Self.lengths: Tensor(gradients.map(\.meanLength))]
    return sum
  }

  /// The name of the observed lengths of gradients.
  static let lengths = "balancer.lengths"
}
