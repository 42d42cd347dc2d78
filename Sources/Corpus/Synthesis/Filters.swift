import Foundation

/// A one-pole low-pass filter.
struct OnePole: Sendable {
  private let a: Float
  private var state: Float = 0

  /// - Parameter cutoff: The cutoff frequency, Hz.
  init(cutoff: Float) { a = 1 - Float(exp(-2 * Double.pi * Double(cutoff / synthRate))) }

  @inline(__always) mutating func callAsFunction(_ x: Float) -> Float {
    state += a * (x - state)
    return state
  }
}

/// A resonant second-order filter whose cutoff may change with every sample.
///
/// Source: the trapezoidal state-variable filter of Zavalishin, "The Art of VA Filter Design",
/// 2012.
struct StateVariableFilter: Sendable {
  private var first: Float = 0
  private var second: Float = 0
  private let damping: Float

  init(quality: Float) { damping = 1 / quality }

  /// The filter's coefficient at a cutoff in Hz.
  static func coefficient(cutoff: Float) -> Float {
    Float(tan(Double.pi * Double(min(cutoff, 0.45 * synthRate) / synthRate)))
  }

  @inline(__always) mutating func callAsFunction(
    _ x: Float, coefficient g: Float
  ) -> (low: Float, band: Float) {
    let high = (x - (g + damping) * first - second) / (1 + g * (g + damping))
    let band = g * high + first
    let low = g * band + second
    first = g * high + band
    second = g * band + low
    return (low, band)
  }
}

extension [Float] {
  /// Raises frequencies above `pivot` Hz by half of `decibels` and lowers those below it by half; a
  /// negative number does the reverse.
  mutating func tilt(decibels: Float, pivot: Float) {
    let up = amplitude(decibels: decibels / 2)
    let down = amplitude(decibels: -decibels / 2)
    var low = OnePole(cutoff: pivot)
    for i in indices {
      let below = low(self[i])
      self[i] = down * below + up * (self[i] - below)
    }
  }

  /// A high-pass filter with a cutoff at `cutoff` Hz, 6 dB per octave.
  mutating func cutLows(below cutoff: Float) {
    var low = OnePole(cutoff: cutoff)
    for i in indices { self[i] -= low(self[i]) }
  }

  /// A low-pass filter with a cutoff at `cutoff` Hz, 12 dB per octave.
  mutating func cutHighs(above cutoff: Float) {
    var first = OnePole(cutoff: cutoff)
    var second = OnePole(cutoff: cutoff)
    for i in indices { self[i] = second(first(self[i])) }
  }

  /// Raises or lowers a band around `centre` Hz.
  mutating func bell(decibels: Float, centre: Float, quality: Float) {
    var filter = StateVariableFilter(quality: quality)
    let g = StateVariableFilter.coefficient(cutoff: centre)
    let gain = (amplitude(decibels: decibels) - 1) / quality
    for i in indices { self[i] += gain * filter(self[i], coefficient: g).band }
  }

  /// The root of the mean square.
  var rootMeanSquare: Float {
    guard !isEmpty else { return 0 }
    return (reduce(0) { $0 + $1 * $1 } / Float(count)).squareRoot()
  }

  /// Adds `other`, scaled, from sample `start` on; samples outside this array are dropped.
  mutating func add(_ other: [Float], scaledBy gain: Float = 1, at start: Int = 0) {
    let first = Swift.max(0, -start)
    let last = Swift.min(other.count, count - start)
    guard first < last else { return }
    for i in first..<last { self[start + i] += gain * other[i] }
  }
}
