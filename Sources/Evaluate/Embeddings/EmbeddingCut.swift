import Audio
import Models
import Tensor

/// What of a clip becomes a vector.
public enum EmbeddingCut: Hashable, Sendable {
  /// The mean of the frames of each stretch.
  case stretches(Excerpts)
  /// Every frame of the first so many seconds of a file whose largest amplitude is brought to 1.
  case frames(seconds: Double)
  /// Every frame of each stretch.
  case framesOfStretches(Excerpts)

  /// What distinguishes it from others, for the name of a folder.
  package var key: String {
    switch self {
    case .stretches(let excerpts): excerpts.key
    case .frames(let seconds): "frames-peak-first\(seconds)".withoutZeroFraction
    case .framesOfStretches(let excerpts): "frames-" + excerpts.key
    }
  }

  /// Clips of a block: what a block holds in memory is bounded.
  var blockSize: Int {
    switch self {
    case .stretches: 64
    case .frames, .framesOfStretches: 4
    }
  }
}

extension Embedder {
  /// The vectors of a clip: those of all layers of its first row, then those of the next.
  ///
  /// - Throws: `AudioError` if the file cannot be used; `ProbeError.notFinite`.
  func rows(of clip: AudioClip, _ cut: EmbeddingCut) throws -> [[Float]] {
    switch cut {
    case .stretches(let excerpts):
      return try waveforms(of: clip, excerpts).flatMap { waveform in
        let layers = try layers(of: waveform, clip.path)
        return layers.map { pooling.vector(of: $0, frames: 0..<$0.shape[0]) }
      }
    case .frames(let seconds):
      let samples = try clip.samples(sampleRate: sampleRate)
      let peak = samples.lazy.map(abs).max() ?? 0
      let first = samples.prefix(Int(seconds * Double(sampleRate)))
      return try frames(of: prepare(first.map { peak > 0 ? $0 / peak : 0 }), clip.path)
    case .framesOfStretches(let excerpts):
      return try waveforms(of: clip, excerpts).flatMap { try frames(of: $0, clip.path) }
    }
  }

  /// What a model gets of each stretch of a clip, at least one.
  /// - Throws: `AudioError` if the file cannot be used.
  func waveforms(of clip: AudioClip, _ excerpts: Excerpts) throws(AudioError) -> [[Float]] {
    let samples = try clip.samples(sampleRate: sampleRate, firstChannel: excerpts.firstChannel)
    let stretches = excerpts.stretches(of: samples, rate: sampleRate)
    guard !stretches.isEmpty else {
      throw .inconsistent(path: clip.path, reason: "is too short for one stretch, or silent")
    }
    if excerpts.standsAlone {
      return stretches.map { prepare(excerpts.filled(Array(samples[$0]), rate: sampleRate)) }
    }
    let prepared = prepare(excerpts.limited(samples, rate: sampleRate))
    return stretches.map { stretch in
      let stretch = Array(prepared[stretch])
      return excerpts.standardizes ? standardized(stretch) : stretch
    }
  }

  /// How many frames so many seconds are.
  /// - Throws: What the model throws.
  package func frameCount(seconds: Double) throws -> Int {
    let silence = [Float](repeating: 0, count: Int((seconds * Double(sampleRate)).rounded()))
    return try frames(silence)[0].shape[0]
  }

  /// Hand-made features have no deviation in a single frame: it is 0.
  private func frames(of samples: [Float], _ path: String) throws -> [[Float]] {
    let layers = try layers(of: samples, path)
    return (0..<layers[0].shape[0]).flatMap { frame in
      layers.map { pooling.vector(of: $0, frames: frame..<frame + 1) }
    }
  }

  /// The frames of each layer.
  private func layers(of samples: [Float], _ path: String) throws -> [Tensor] {
    let layers: [Tensor]
    do {
      layers = try frames(samples)
    } catch ModelError.waveform(let problem) {
      throw AudioError.inconsistent(path: path, reason: problem)
    }
    for (number, frames) in layers.enumerated() {
      guard frames.shape[0] > 0 else {
        throw AudioError.inconsistent(path: path, reason: "is too short for one frame")
      }
      guard frames.firstNonFinite == nil else {
        throw ProbeError.notFinite(model: name, file: path, layer: number)
      }
    }
    return layers
  }

  /// Mean 0 and variance 1; zeros if nothing varies.
  private func standardized(_ samples: [Float]) -> [Float] {
    let count = Double(samples.count)
    let mean = samples.reduce(0) { $0 + Double($1) } / count
    let variance = samples.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count
    let scale = variance > 0 ? 1 / variance.squareRoot() : 0
    return samples.map { Float((Double($0) - mean) * scale) }
  }
}
