import Foundation
import Models
import Tensor

/// Statistics of the chroma of both halves of a crop, the same row for each frame, `[T, 2 · 4 · 12]`.
///
/// The chroma has two bins a semitone, which show how a piece is tuned, and of the seven octaves from C1 those below half of
/// the sample rate. Of each half there are the mean and the deviation of both bins of every semitone, `[4, 12]`.
struct KeyTarget: CropTarget {
  private let chroma: ChromaFrames
  private let extract: @Sendable ([Float]) -> Tensor
  private let encoder: any EncoderConfiguration

  /// Numbers of a half.
  static let width = 4 * 12

  /// - Traps when: the encoder's rate leaves no octave.
  init(encoder: any EncoderConfiguration) {
    chroma = Self.chroma(sampleRate: encoder.sampleRate)
    precondition(
      chroma.spectrum.bins > 0, "KeyTarget: no octave below \(encoder.sampleRate / 2) Hz")
    extract = chroma.extractor(
      sampleRate: encoder.sampleRate, hopLength: encoder.stride,
      isNormalized: encoder.normalizesWaveform)
    self.encoder = encoder
  }

  /// Quarter tones from C, of whole octaves.
  static func chroma(sampleRate: Int) -> ChromaFrames {
    var chroma = ChromaFrames()
    let octaves = log2(Double(sampleRate) / 2 / chroma.spectrum.lowestFrequency)
    chroma.spectrum.bins = 24 * max(0, min(7, Int(octaves)))
    chroma.classes = 24
    return chroma
  }

  func callAsFunction(_ samples: [Float]) -> Tensor {
    let frames = extract(samples)
    let half = max(1, frames.shape[0] / 2)
    let row = [0..<half, frames.shape[0] - half..<frames.shape[0]].flatMap {
      Self.statistics(of: frames.sliced(axis: 0, $0))
    }
    let count = encoder.frameCount(samples: samples.count)
    return Tensor((0..<count).flatMap { _ in row }, shape: [count, row.count])
  }

  /// Of frames `[T, 24]`: the means of the lower and of the upper bins, and their deviations, 12 each.
  private static func statistics(of frames: Tensor) -> [Float] {
    let mean = frames.mean(axis: 0)
    let deviation = (frames - mean).squared().mean(axis: 0).squareRoot()
    return [mean, deviation].flatMap { values in
      let all = values.scalars
      return (0..<2).flatMap { part in (0..<12).map { all[2 * $0 + part] } }
    }
  }
}
