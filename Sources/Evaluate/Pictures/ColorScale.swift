import Audio
import Foundation

/// How numbers become colours, and the labels of the colour bar.
struct ColorScale {
  /// What is done to the numbers before they are coloured.
  enum Measure {
    /// `10 log10` of powers, under the loudest of the picture.
    case power
    /// `20 log10` of magnitudes, under the loudest of the picture.
    case magnitude
    /// Natural logarithms of powers, in dB under the loudest of the picture.
    case logarithmOfPower
    /// The numbers, from 0 to the largest of the picture.
    case amount
    /// Distance of each feature from its mean over the picture, in its standard deviations.
    case deviation
  }

  let measure: Measure
  let title: String

  /// Decibels from the loudest to black.
  private static let decibels: Float = 80
  /// Standard deviations from the middle to either end.
  private static let deviations: Float = 3

  /// Whether a greater number is coloured as one, whatever the others are.
  var isAscending: Bool {
    if case .deviation = measure { false } else { true }
  }

  /// The scale of a kind of features.
  init(of kind: FeatureKind) {
    switch kind {
    case .mfcc39, .mfcc60:
      self.init(.deviation, "standard deviations from the coefficient's mean")
    case .mel: self.init(.power, "dB under the loudest")
    case .logmel128, .logmel229: self.init(.logarithmOfPower, "dB under the loudest")
    case .chroma12, .chroma264: self.init(.amount, "share of the strongest")
    case .cqt336: self.init(.magnitude, "dB under the loudest")
    case .logcqt336: self.init(.amount, "ln(1 + 10 magnitude)")
    }
  }

  init(_ measure: Measure, _ title: String) { (self.measure, self.title) = (measure, title) }

  var colors: ColorMap {
    if case .deviation = measure { .blueRed } else { .magma }
  }

  /// What the ends of the colour bar stand for; 0 and 1 of amounts where all are 0.
  func range(of values: [Float]) -> ClosedRange<Float> {
    switch measure {
    case .power, .magnitude, .logarithmOfPower: -Self.decibels...0
    case .amount: 0...(values.max().flatMap { $0 > 0 ? $0 : nil } ?? 1)
    case .deviation: -Self.deviations...Self.deviations
    }
  }

  /// The numbers that are coloured, `[frames, width]` as they came.
  func measured(_ values: [Float], width: Int) -> [Float] {
    switch measure {
    case .power: underLoudest(values.map { 10 * log10($0) }, silence: -120)
    case .magnitude: underLoudest(values.map { 20 * log10($0) }, silence: -120)
    // Front ends add 1e-5 before they take the logarithm: -50 dB.
    case .logarithmOfPower: underLoudest(values.map { $0 * 10 / log(10) }, silence: -49)
    case .amount: values
    case .deviation: standardised(values, width: width)
    }
  }

  /// Whether of two numbers that share a pixel the first one shows.
  func isFarther(_ value: Float, than other: Float) -> Bool {
    if case .deviation = measure { abs(value) > abs(other) } else { value > other }
  }

  /// Nothing is louder than silence in a silent picture, so that one is black throughout.
  private func underLoudest(_ decibels: [Float], silence: Float) -> [Float] {
    let loudest = decibels.max() ?? silence
    return decibels.map { loudest > silence ? $0 - loudest : -.infinity }
  }

  private func standardised(_ values: [Float], width: Int) -> [Float] {
    var result = values
    for feature in 0..<width {
      let column = stride(from: feature, to: values.count, by: width)
      let count = Double(values.count / width)
      let mean = column.reduce(0) { $0 + Double(values[$1]) } / count
      let variance = column.reduce(0) { $0 + pow(Double(values[$1]) - mean, 2) } / count
      for index in column {
        result[index] =
          variance > 0 ? Float((Double(values[index]) - mean) / variance.squareRoot()) : 0
      }
    }
    return result
  }
}
