import Models
import Optimisation
import Tensor

/// An encoder and a probe of the means of its frames that are trained together.
package struct FineTuned: Module {
  /// The model, some of whose weights may be constants.
  private var encoder: any Encoder
  /// Low-rank updates; nil if the model's own weights are trained.
  package var adapter: LowRankAdapter?
  /// The probe.
  package private(set) var head: Perceptron

  /// A model before its first step, which answers as the frozen model and the untrained head do.
  ///
  /// - Parameters:
  ///   - encoder: The model.
  ///   - part: What of it is trained.
  ///   - head: The probe.
  ///   - generator: Draws low-rank updates.
  package init(
    _ encoder: any Encoder, _ part: FineTuning.Part, head: Perceptron,
    using generator: inout some RandomNumberGenerator
  ) {
    (self.encoder, self.head) = (encoder, head)
    if case .lowRank(let rank) = part {
      adapter = LowRankAdapter(
        of: encoder, rank: rank, alpha: FineTuning.alpha, using: &generator)
    }
    let first = encoder.config.layers
    self.encoder.trackGradients { place in
      switch part {
      case .whole: return true
      case .lowRank: return false
      case .last(let count):
        guard case .layer(let number) = place.depth else { return false }
        return number > first - count
      }
    }
    adapter?.trackGradients()
    self.head.trackGradients()
  }

  /// Whether all that is named is there, and anything of the encoder is trained.
  func trainsEncoder(_ part: FineTuning.Part) -> Bool {
    if case .last(let count) = part, count > encoder.config.layers { return false }
    return adapter.map { !$0.updates.isEmpty }
      ?? encoder.parameters.contains { $0.tensor.isTracked }
  }

  /// The encoder with low-rank updates in its weights: a model like any other.
  package var model: any Encoder { adapter?.adapted(encoder) ?? encoder }

  /// - Parameters:
  ///   - waveforms: Prepared, `[B, samples]`.
  ///   - layers: The hidden states that the probe sees.
  ///   - pass: Has to keep hidden states.
  /// - Returns: `[B, outputs]`
  package func callAsFunction(
    _ waveforms: Tensor, layers: [Int], in pass: ForwardPass
  ) -> Tensor {
    _ = model(waveforms, in: pass)
    return head(
      layers.map { pass.hiddenStates[$0].cast(to: .float32).mean(axis: 1) }, in: pass)
  }

  /// Moves the statistics of batch norms, see `Encoder`.
  package mutating func updateStatistics(from measured: [BatchStatistics]) {
    encoder.updateStatistics(from: measured)
  }

  /// AdamW as PyTorch has it by default, without moments of what is not trained.
  package var optimiser: AdamW {
    var config = AdamW.Config.adam
    config.weightDecay = 0.01
    config.groups = parameters.filter { !$0.tensor.isTracked }.map {
      ParameterGroup(match: $0.path, frozen: true)
    }
    return AdamW(config, for: self)
  }

  /// Shows encoder, updates and probe.
  package mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("encoder", &encoder)
    visitor.child("adapter", &adapter)
    visitor.child("head", &head)
  }
}
