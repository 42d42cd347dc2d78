import Tensor

extension AudioEncoder {
  /// What enters the first transformer layer and what leaves each of them.
  ///
  /// The same tensors in the same order as `hidden_states` of `transformers` 5: in a pre-norm model
  /// none of them has passed the final norm (version 4 normalised the last one).
  /// - Parameters:
  ///   - waveform: `[B, samples]`, prepared by `config.prepare(_:)`.
  ///   - lengths: Frames of each row that are audio rather than padding; nil if all are.
  /// - Returns: `layers + 1` tensors `[B, T, D]`.
  public func hiddenStates(_ waveform: Tensor, lengths: [Int]? = nil) -> [Tensor] {
    let pass = ForwardPass.evaluating(lengths: lengths, keeping: .hiddenStates)
    _ = self(waveform, in: pass)
    return pass.hiddenStates
  }

  /// The hidden states of one file.
  ///
  /// - Parameter samples: Mono, at `config.sampleRate`, as decoded: they are prepared here.
  /// - Returns: `layers + 1` tensors `[frames, width]`.
  /// - Throws: `ModelError.waveform` if there are too few samples for one frame.
  public func hiddenStates(of samples: [Float]) throws(ModelError) -> [Tensor] {
    let needed = config.frontEnd.receptiveField
    guard samples.count >= needed else {
      throw .waveform(
        "\(samples.count) samples are too few for one frame of this model; it takes \(needed)")
    }
    let waveform = Tensor(config.prepare(samples), shape: [1, samples.count])
    return hiddenStates(waveform).map { $0.reshaped([$0.shape[1], $0.shape[2]]) }
  }
}
