import Audio
import Foundation
import Tensor

/// Features that no model made: what the frames of a spectrum are on average over a stretch of a piece.
public struct HandMadeStatistics: Sendable, Equatable {
  /// What the frames are.
  public enum Spectrum: Int, Sendable, CaseIterable {
    /// The logarithm of the energies of 80 mel bands, in windows of 1024 samples.
    case logMel
    /// `log10(1 + 10⁴ a)` for the magnitudes `a` of 168 bins of a constant-Q transform, 24 an octave from 32.703 Hz.
    case logCQT
    /// That by pitch class: the octaves of each are added, and each frame is standardised to mean 0 and deviation 1.
    case chroma
  }

  /// What the frames are.
  public var spectrum: Spectrum
  /// What is read off them.
  public var pooling: FrameFeatures.Pooling

  /// Mean, and mean with deviation, of each spectrum.
  public static let all = Spectrum.allCases.flatMap { spectrum in
    [FrameFeatures.Pooling.mean, .meanAndDeviation].map {
      HandMadeStatistics(spectrum: spectrum, pooling: $0)
    }
  }

  /// `log-CQT mean + deviation`
  public var name: String {
    let frames =
      switch spectrum {
      case .logMel: "log-mel"
      case .logCQT: "log-CQT"
      case .chroma: "chroma"
      }
    return frames + (pooling == .mean ? " mean" : " mean + deviation")
  }

  /// These statistics of some examples: all of a spectrum's means and deviations, `[examples, 2 D]`, or their first
  /// half.
  func columns(of statistics: Tensor) -> Tensor {
    pooling == .meanAndDeviation
      ? statistics : statistics.sliced(axis: 1, 0..<statistics.shape[1] / 2)
  }
}

extension FrameFeatures {
  /// The frames of every `HandMadeStatistics.Spectrum`, one layer each, from one constant-Q transform: 75 a second, at
  /// 24 kHz, whatever rate a model has.
  public static func handMade() -> FrameFeatures {
    let sampleRate = 24_000
    var config = MelSpectrogram.Config()
    (config.bands, config.fftLength, config.compression) = (80, 1024, .logarithmic)
    let mel = MelSpectrogram(config, sampleRate: sampleRate)
    let constantQ = LogConstantQ(sampleRate: sampleRate)
    return FrameFeatures(
      sampleRate: sampleRate, hopLength: mel.hopLength, firstCentre: 0, pooling: .meanAndDeviation
    ) { samples in
      let bins = constantQ(samples)
      return [mel(samples), bins, constantQ.chroma(of: bins)]
    }
  }
}

/// The constant-Q transform behind the hand-made statistics.
struct LogConstantQ: Sendable {
  private let transform: ConstantQ
  /// What each bin adds to each pitch class, `[bins, 12]`.
  private let classes: Tensor

  init(sampleRate: Int) {
    var config = ConstantQ.Config()
    (config.bins, config.binsPerOctave, config.lowestFrequency) = (168, 24, 32.703)
    transform = ConstantQ(config, sampleRate: sampleRate)
    classes = Self.classes(bins: config.bins)
  }

  /// `[T, bins]`.
  func callAsFunction(_ samples: [Float]) -> Tensor {
    (1 + 10_000 * transform(samples)).log() * Float(1 / log(10.0))
  }

  /// The pitch classes of `bins`, each frame with mean 0 and deviation 1, `[T, 12]`; zeros for a silent frame.
  func chroma(of bins: Tensor) -> Tensor {
    bins.matmul(classes).layerNorm(weight: nil, bias: nil)
  }

  /// The bin in the middle of a semitone adds to its class; the bin between two semitones adds half to each.
  private static func classes(bins: Int) -> Tensor {
    var weights = [Float](repeating: 0, count: bins * 12)
    for bin in 0..<bins {
      weights[bin * 12 + bin / 2 % 12] += 0.5
      weights[bin * 12 + (bin + 1) / 2 % 12] += 0.5
    }
    return Tensor(weights, shape: [bins, 12])
  }
}
