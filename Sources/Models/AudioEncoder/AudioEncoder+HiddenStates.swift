import Tensor

extension AudioEncoder {
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

  /// The hidden states of one file of any length.
  ///
  /// A file longer than a window is cut so that every frame is computed once and the frames are those
  /// of one pass: window `w` yields the frames `w F ..< (w + 1) F`, with `F` the frames of a window;
  /// the last window begins early enough to be as long as the others, and only its new frames count.
  /// Frames of different windows do not see each other.
  /// - Parameters:
  ///   - samples: Mono, at `config.sampleRate`, as decoded: they are prepared here, as a whole.
  ///   - layers: Which states to keep, 0 for what enters the first layer; nil for all.
  ///   - precision: What the passes compute in.
  ///   - windowSeconds: Length of a window. Time and memory grow with its square.
  /// - Returns: One tensor `[frames, width]` for each of `layers`.
  /// - Throws: `ModelError.waveform` if there are too few samples for one frame, or a window has
  ///   none; `ModelError.setting` if there is no such layer.
  public func hiddenStates(
    of samples: [Float], layers: [Int]? = nil, precision: Precision = .fp32,
    windowSeconds: Double = 60
  ) throws(ModelError) -> [Tensor] {
    let chosen = layers ?? Array(0...config.layers)
    for layer in chosen where !(0...config.layers).contains(layer) {
      throw .setting("layers", problem: "\(layer) is not one of 0...\(config.layers)")
    }
    let windows = try config.windows(samples: samples.count, seconds: windowSeconds)
    let prepared = config.prepare(samples)
    var parts = [[Tensor]](repeating: [], count: chosen.count)
    for window in windows {
      let waveform = Tensor(Array(prepared[window.samples]), shape: [1, window.samples.count])
      let states = hiddenStates(waveform, precision: precision)
      for (i, layer) in chosen.enumerated() {
        parts[i].append(states[layer].frames(window.kept))
      }
    }
    return parts.map { $0.count == 1 ? $0[0] : Tensor.concatenated($0, axis: 0) }
  }
}

/// A stretch of a long file that is encoded by itself.
struct EncoderWindow: Equatable {
  var samples: Range<Int>
  /// Which of its frames are not those of the window before.
  var kept: Range<Int>
}

extension AudioEncoder.Config {
  /// The windows of a file, see `hiddenStates(of:layers:windowSeconds:)`.
  func windows(samples: Int, seconds: Double) throws(ModelError) -> [EncoderWindow] {
    let needed = frontEnd.receptiveField
    guard samples >= needed else {
      throw .waveform(
        "\(samples) samples are too few for one frame of this model; it takes \(needed)")
    }
    let limit = seconds * Double(sampleRate)
    guard limit >= Double(needed) else {
      throw .waveform("a window of \(seconds) s is too short for one frame of this model")
    }
    let total = frameCount(samples: samples)
    if Double(samples) <= limit { return [EncoderWindow(samples: 0..<samples, kept: 0..<total)] }
    let length = min(total, frameCount(samples: Int(limit)))
    return stride(from: 0, to: total, by: length).map { first in
      let begin = min(first, total - length)
      let start = begin * frontEnd.stride
      return EncoderWindow(
        samples: start..<start + frontEnd.sampleCount(frames: length), kept: first - begin..<length)
    }
  }
}

extension Tensor {
  /// Some frames of the only row of `[1, T, D]`: `[frames, D]`.
  fileprivate func frames(_ range: Range<Int>) -> Tensor {
    sliced(axis: 1, range).reshaped([range.count, shape[2]])
  }
}
