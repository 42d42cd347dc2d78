import Models
import Tensor

/// Training of a codec: encoder and decoder by the gradient of the losses of its reconstructions, codebooks by running
/// means.
///
/// Source: Défossez et al. 2022 (EnCodec), §3.4; audiocraft `compression.py`.
public struct CodecTraining: Learner {
  let learning: CodebookLearning
  private let losses: Losses
  private let mel: MultiScaleMel?
  /// The codec as it is now.
  public private(set) var codec: Codec
  private var balancer: LossBalancer?
  private var adversary: CodecAdversary?

  /// A learner of a codec, whose parameters become leaves.
  ///
  /// - Parameters:
  ///   - codec: The codec, mono.
  ///   - codebooks: How the codebooks are learned.
  ///   - losses: What the reconstructions are judged by.
  ///   - seed: Decides everything random.
  ///   - generator: Draws the first weights of the discriminators, if there are any.
  /// - Traps when: the codec is not mono.
  public init(
    _ codec: Codec, codebooks: CodebookLearning.Config, losses: Losses, seed: UInt64,
    using generator: inout some RandomNumberGenerator
  ) {
    precondition(
      codec.config.channels == 1,
      "CodecTraining: \(codec.config.channels) channels; only 1 is trained")
    learning = CodebookLearning(codebooks, seed: seed)
    (self.losses, self.codec) = (losses, codec)
    mel = losses.mel.map { MultiScaleMel($0.scales, sampleRate: codec.config.sampleRate) }
    if let config = losses.adversary {
      adversary = CodecAdversary(config, seed: seed, using: &generator)
    }
    balancer = losses.balancer.map { LossBalancer($0, losses: losses.count) }
    trackGradients()
  }

  /// The codec, and the balancer and the discriminators if there are any.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("codec", &codec)
    visitor.child("balancer", &balancer)
    visitor.child("adversary", &adversary)
  }

  /// The number of crops: each weighs the same.
  public func weight(of samples: Range<Int>, step: Int) -> Int { samples.count }

  /// The losses of the reconstructions of a batch, and the commitment of its latents.
  public func loss(of batch: Batch, in pass: ForwardPass) -> Loss {
    let latents = codec.latents(of: batch.audio.insertingAxis(at: 2), in: pass)
    let quantized = quantized(latents, of: batch, in: pass)
    let reconstruction = codec.waveform(
      of: quantized.latents.reshaped(latents.shape), samples: batch.audio.shape[1], in: pass
    ).removingAxis(2)

    var loss = loss(of: reconstruction, batch.audio, step: pass.step)
    loss.add(
      "commitment", quantized.loss(entries: codec.config.quantizer.codes),
      weight: learning.config.commitment)
    loss.terms["siSDR"] = Float(SignalToDistortion.ratio(reconstruction, batch.audio))
    return loss
  }

  /// The losses of the reconstructions from all codebooks, summed by their weights without the balancer, which is for
  /// gradients; that of the discriminators is left out. Each crop weighs the same.
  public func heldOutLoss(
    of batch: Batch, samples: Range<Int>, step: Int, precision: Precision
  ) -> (loss: Loss, weight: Int) {
    let pass = ForwardPass.evaluating(precision: precision)
    let latents = codec.latents(of: batch.audio.insertingAxis(at: 2), in: pass)
    let counts = samples.map { _ in codec.quantizer.codebooks.count }
    // The last update's step: a codebook without entries yet has none to be measured by.
    let quantized = quantized(latents, from: counts, step: step - 1)
    let reconstruction = codec.waveform(
      of: quantized.latents.reshaped(latents.shape), samples: batch.audio.shape[1], in: pass
    ).removingAxis(2)
    var loss = waveformLosses(of: batch.audio).summed(of: reconstruction)
    loss.add(
      "commitment", quantized.loss(entries: codec.config.quantizer.codes),
      weight: learning.config.commitment)
    loss.terms["siSDR"] = Float(SignalToDistortion.ratio(reconstruction, batch.audio))
    return (loss, samples.count)
  }

  /// The latents `[B, T, D]` of crops as rows, quantised.
  private func quantized(
    _ latents: Tensor, of batch: Batch, in pass: ForwardPass
  ) -> QuantizedLatents {
    let counts = learning.counts(
      of: codec.quantizer.codebooks.count, step: pass.step, samples: batch.samples)
    return quantized(latents, from: counts, step: pass.step)
  }

  /// The latents as rows, each crop's from a number of codebooks of its own.
  private func quantized(_ latents: Tensor, from counts: [Int], step: Int) -> QuantizedLatents {
    let frames = latents.shape[1]
    let rows = latents.reshaped([counts.count * frames, latents.shape[2]])
    guard step >= learning.config.firstStep else { return QuantizedLatents(unquantized: rows) }
    return QuantizedLatents(
      rows, by: codec.quantizer,
      counts: counts.flatMap { Array(repeating: $0, count: frames) }, learning, step: step)
  }

  /// The losses of reconstructions `[B, L]`, and that of the discriminators in a step that trains them.
  private func loss(of reconstruction: Tensor, _ original: Tensor, step: Int) -> Loss {
    let waveforms = waveformLosses(of: original)
    var loss =
      balancer.map { waveforms.balanced(of: reconstruction, by: $0) }
      ?? waveforms.summed(of: reconstruction)
    if let own = adversary?.loss(of: reconstruction, original, step: step) {
      loss.add("discriminators", own)
    }
    return loss
  }

  private func waveformLosses(of original: Tensor) -> WaveformLosses {
    var losses = WaveformLosses(terms: [
      .init(name: "time", weight: losses.time) { ($0 - original).abs().mean() }
    ])
    if let mel, let weight = self.losses.mel?.weight {
      losses.terms.append(.init(name: "mel", weight: weight) { mel($0, original) })
    }
    if let adversary { losses.terms += adversary.terms(of: original) }
    return losses
  }

  /// Codebooks and balancer go on by what the update's batches observed; an update that was left out changes nothing.
  public mutating func follow(step: Int, observing observations: [[String: Tensor]]) {
    guard !observations.isEmpty else { return }
    for i in codec.quantizer.codebooks.indices {
      let seen = observations.compactMap { CodebookObservation(i, of: $0) }
      if !seen.isEmpty { codec.quantizer.codebooks[i].learn(from: seen, learning.config) }
    }
    let lengths = observations.compactMap { $0[WaveformLosses.lengths] }
    if !lengths.isEmpty {
      balancer?.follow((lengths.reduce(Tensor(0), +) / Float(lengths.count)).scalars)
    }
  }
}

extension CodecTraining.Losses {
  /// How many losses of the reconstructions there are.
  fileprivate var count: Int { 1 + (mel == nil ? 0 : 1) + (adversary == nil ? 0 : 2) }
}

extension QuantizedLatents {
  /// The commitment, with how evenly the batch uses the codebooks, and what they are to learn.
  fileprivate func loss(entries: Int) -> Loss {
    var loss = Loss(total: commitment, terms: terms(entries: entries))
    for (codebook, observation) in observations.enumerated() {
      loss.observations.merge(observation.named(codebook)) { $1 }
    }
    return loss
  }

  /// `efficiency` of all codebooks, and of each its `perplexity`; nothing before they begin.
  private func terms(entries: Int) -> [String: Float] {
    guard !codes.isEmpty else { return [:] }
    let statistics = CodebookStatistics(
      codes.map { CodeStatistics(codes: $0, clusters: entries) })
    var terms = ["efficiency": Float(statistics.bitrateEfficiency)]
    for (codebook, statistics) in statistics.codebooks.enumerated() {
      terms["perplexity.\(codebook + 1)"] = Float(statistics.perplexity)
    }
    return terms
  }
}
