import Audio
import Foundation

/// The upright axis of a picture: which bin stands for what.
struct BinAxis {
  struct Tick: Equatable {
    /// In bins; whole numbers are the bins' middles, 0 the lowest.
    var position: Double
    var label: String
  }

  let title: String
  let ticks: [Tick]
  /// Whether a tick begins a group, so that a line across the picture helps.
  var hasLines = true
}

extension BinAxis {
  /// The axis of a front end's bins.
  static func axis(of frontEnd: any FrontEnd) -> BinAxis {
    switch frontEnd {
    case let transform as ConstantQ: notes(of: transform)
    case let chroma as Chroma: pitchClasses(bins: chroma.width)
    case let mel as MelSpectrogram: frequencies(of: mel)
    case let mfcc as MFCC: coefficients(of: mfcc)
    default: numbers(count: frontEnd.width)
    }
  }

  /// Bins that are equally far apart in Hz, from 0 to half the sample rate.
  static func frequencies(bins: Int, sampleRate: Int) -> BinAxis {
    let highest = Double(sampleRate) / 2
    let step = Axis.roundStep(highest / 8)
    let ticks = stride(from: 0, through: highest, by: step).map {
      Tick(position: $0 / highest * Double(bins - 1), label: hertz($0))
    }
    return BinAxis(title: "frequency (Hz)", ticks: ticks)
  }

  /// A tick for each C.
  private static func notes(of transform: ConstantQ) -> BinAxis {
    let config = transform.config
    // C4 is number 60 of MIDI, A4 = 440 Hz number 69.
    let ticks = (-1...10).compactMap { octave -> Tick? in
      let frequency = 440 * pow(2, Double(12 * octave + 12 - 69) / 12)
      let position = Double(config.binsPerOctave) * log2(frequency / config.lowestFrequency)
      // A lowest frequency that is written with one decimal may lie beside its note.
      guard position > -0.5, position < Double(config.bins) - 0.5 else { return nil }
      return Tick(position: position, label: "C\(octave)")
    }
    return BinAxis(title: "pitch (C4 is 262 Hz)", ticks: ticks)
  }

  private static func pitchClasses(bins: Int) -> BinAxis {
    let names = ["C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"]
    let ticks = names.enumerated().map {
      Tick(position: Double($0.offset * bins / 12), label: $0.element)
    }
    return BinAxis(title: "pitch class", ticks: ticks, hasLines: false)
  }

  /// Ticks an octave apart.
  private static func frequencies(of mel: MelSpectrogram) -> BinAxis {
    let scale = mel.config.scale
    let low = scale.mel(mel.config.lowestFrequency)
    let high = scale.mel(Double(mel.sampleRate) / 2)
    let ticks = (0..<10).compactMap { octave -> Tick? in
      let frequency = 62.5 * pow(2, Double(octave))
      let position = (scale.mel(frequency) - low) / (high - low) * Double(mel.width + 1) - 1
      guard position > -0.5, position < Double(mel.width) - 0.5 else { return nil }
      return Tick(position: position, label: hertz(frequency.rounded()))
    }
    return BinAxis(title: "frequency (Hz)", ticks: ticks)
  }

  /// Coefficients, then their slopes, then the slopes of those.
  private static func coefficients(of mfcc: MFCC) -> BinAxis {
    let count = mfcc.config.coefficients
    let ticks = (0..<mfcc.width / count).flatMap { group in
      stride(from: 0, to: count, by: 4).map { coefficient in
        Tick(
          position: Double(group * count + coefficient),
          label: String(repeating: "Δ", count: group) + "\(coefficient)")
      }
    }
    return BinAxis(title: "coefficient and slopes", ticks: ticks, hasLines: false)
  }

  private static func numbers(count: Int) -> BinAxis {
    let step = Int(max(1, Axis.roundStep(Double(count) / 8)))
    let ticks = stride(from: 0, to: count, by: step).map {
      Tick(position: Double($0), label: "\($0)")
    }
    return BinAxis(title: "feature", ticks: ticks, hasLines: false)
  }

  private static func hertz(_ frequency: Double) -> String { Wording.grouped(Int(frequency)) }
}
