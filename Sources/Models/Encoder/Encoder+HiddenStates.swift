import Tensor

extension Encoder {
  /// What enters the first transformer layer and what leaves each of them.
  ///
  /// The same tensors in the same order as `hidden_states` of `transformers` 5: in a pre-norm model
  /// none of them has passed the final norm (version 4 normalised the last one).
  /// - Parameters:
  ///   - waveform: `[B, samples]`, prepared by `config.prepare(_:)`.
  ///   - lengths: Frames of each row that are audio rather than padding; nil if all are.
  ///   - precision: What the pass computes in.
  /// - Returns: `layers + 1` tensors `[B, T, D]`, float32.
  public func hiddenStates(
    _ waveform: Tensor, lengths: [Int]? = nil, precision: Precision = .fp32
  ) -> [Tensor] {
    let pass = ForwardPass.evaluating(
      precision: precision, lengths: lengths, keeping: .hiddenStates)
    _ = self(waveform, in: pass)
    return pass.hiddenStates.map { $0.cast(to: .float32) }
  }

  /// The hidden states of one file of any length, see `stackedHiddenStates`.
  ///
  /// - Returns: One tensor `[frames, width]` for each of `layers`; they share memory.
  public func hiddenStates(
    of samples: [Float], layers: [Int]? = nil, precision: Precision = .fp32,
    windows: EncoderWindows = EncoderWindows()
  ) throws(ModelError) -> [Tensor] {
    let states = try stackedHiddenStates(
      of: samples, layers: layers, precision: precision, windows: windows)
    let frames: Shape = [states.shape[1], states.shape[2]]
    return (0..<states.shape[0]).map { states.sliced(axis: 0, $0..<$0 + 1).reshaped(frames) }
  }

  /// The hidden states of one file of any length as one tensor.
  ///
  /// A file no longer than a window is encoded in one pass. A longer one is cut into the fewest windows
  /// of equal length that share what they have to; where two meet, the first half of the shared frames is
  /// that of the earlier window, the second half that of the later, so that a frame within the file has
  /// half an overlap or more on either side.
  /// - Parameters:
  ///   - samples: Mono, at `config.sampleRate`, as decoded: they are prepared here, as a whole.
  ///   - layers: Which states to keep, 0 for what enters the first layer; nil for all. Layers above the
  ///     highest of them are not computed.
  ///   - precision: What the passes compute in.
  ///   - windows: How a long signal is cut.
  ///   - progress: Called with the number of windows encoded and that of all.
  /// - Returns: `[layers, frames, width]`, float32.
  /// - Throws: `ModelError.waveform` if there are too few samples for one frame, a window has none, or
  ///   windows overlap by their whole length; `ModelError.setting` if there is no such layer.
  public func stackedHiddenStates(
    of samples: [Float], layers: [Int]? = nil, precision: Precision = .fp32,
    windows: EncoderWindows = EncoderWindows(),
    progress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
  ) throws(ModelError) -> Tensor {
    try stackedHiddenStates(
      ofPrepared: config.prepare(samples), layers: layers, precision: precision, windows: windows,
      progress: progress)
  }

  /// `stackedHiddenStates` of samples that `config.prepare(_:)` returned, or of a part of them: a part is then scaled
  /// as the whole is.
  public func stackedHiddenStates(
    ofPrepared prepared: [Float], layers: [Int]? = nil, precision: Precision = .fp32,
    windows: EncoderWindows = EncoderWindows(),
    progress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
  ) throws(ModelError) -> Tensor {
    let layers = layers ?? Array(0...config.layers)
    for layer in layers where !(0...config.layers).contains(layer) {
      throw .setting("layers", problem: "\(layer) is not one of 0...\(config.layers)")
    }
    let cuts = try config.cuts(samples: prepared.count, windows)
    let total = config.frameCount(samples: prepared.count)
    let last = layers.max() ?? 0
    var result = Tensor.unset([layers.count, total, config.width])
    for first in stride(from: 0, to: cuts.count, by: windows.batchSize) {
      let batch = cuts[first..<min(first + windows.batchSize, cuts.count)]
      let waveforms = Tensor(
        batch.flatMap { prepared[$0.samples] }, shape: [batch.count, batch[first].samples.count])
      let pass = ForwardPass.evaluating(
        precision: precision, keeping: .hiddenStates, endingAt: last)
      _ = self(waveforms, in: pass)
      let states = layers.map { pass.hiddenStates[$0] }
      for (row, cut) in batch.enumerated() { result.write(cut, row, of: states) }
      progress(first + batch.count, cuts.count)
    }
    return result
  }

  /// That the states of a file are finite, before they are written or clustered.
  ///
  /// - Parameters:
  ///   - states: `[layers, frames, width]`, of `stackedHiddenStates`.
  ///   - layers: Which they are; nil for all.
  /// - Throws: `ModelError.waveform`, naming layer and frame.
  public func checkFinite(_ states: Tensor, layers: [Int]? = nil) throws(ModelError) {
    guard let place = states.firstNonFinite else { return }
    let (frames, number) = (states.shape[1], place / (states.shape[1] * states.shape[2]))
    throw .waveform(
      "layer \(layers?[number] ?? number) yields a state that is not finite at frame "
        + "\(place / states.shape[2] % frames); are the samples within full scale, and the weights of the "
        + "model sound?")
  }
}

extension Tensor {
  /// Writes the frames that count of row `row` of each `[B, T, D]` where they belong in
  /// `[layers, frames, D]`, as float32.
  fileprivate mutating func write(_ cut: WindowCut, _ row: Int, of states: [Tensor]) {
    let (frames, width) = (shape[1], shape[2])
    let count = cut.frames.count * width
    update { y in
      let start = y.baseAddress! + cut.frames.lowerBound * width
      Cores.forEach(states.count) { layer in
        let source = (row * states[layer].shape[1] + cut.frames.lowerBound - cut.firstFrame) * width
        states[layer].cast(to: .float32).read { x in
          (start + layer * frames * width).update(from: x.baseAddress! + source, count: count)
        }
      }
    }
  }
}
