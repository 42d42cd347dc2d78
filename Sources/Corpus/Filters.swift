import Foundation

/// A one-pole low-pass filter.
struct OnePole: Sendable {
  private let a: Float
  private var state: Float = 0

  /// - Parameter cutoff: Hz.
  init(cutoff: Float) { a = 1 - Float(exp(-2 * Double.pi * Double(cutoff / synthRate))) }

  @inline(__always) mutating func callAsFunction(_ x: Float) -> Float {
    state += a * (x - state)
    return state
  }
}

/// A resonant second-order filter whose cutoff may move with every sample.
///
/// Source: the trapezoidal state-variable filter of Zavalishin, "The Art of VA Filter Design", 2012.
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
  /// Raises what lies above `pivot` Hz by `decibels` and lowers the rest by as much, or the reverse.
  mutating func tilt(decibels: Float, pivot: Float) {
    let up = amplitude(decibels: decibels / 2)
    let down = amplitude(decibels: -decibels / 2)
    var low = OnePole(cutoff: pivot)
    for i in indices {
      let below = low(self[i])
      self[i] = down * below + up * (self[i] - below)
    }
  }

  /// Takes away what lies below `cutoff` Hz, 6 dB an octave.
  mutating func cutLows(below cutoff: Float) {
    var low = OnePole(cutoff: cutoff)
    for i in indices { self[i] -= low(self[i]) }
  }

  /// Takes away what lies above `cutoff` Hz, 12 dB an octave.
  mutating func cutHighs(above cutoff: Float) {
    var first = OnePole(cutoff: cutoff)
    var second = OnePole(cutoff: cutoff)
    for i in indices { self[i] = second(first(self[i])) }
  }

  /// Lifts or lowers a band around `centre` Hz.
  mutating func bell(decibels: Float, centre: Float, quality: Float) {
    var filter = StateVariableFilter(quality: quality)
    let g = StateVariableFilter.coefficient(cutoff: centre)
    let gain = (amplitude(decibels: decibels) - 1) / quality
    for i in indices { self[i] += gain * filter(self[i], coefficient: g).band }
  }

  /// The root of the mean power.
  var rootMeanSquare: Float {
    guard !isEmpty else { return 0 }
    return (reduce(0) { $0 + $1 * $1 } / Float(count)).squareRoot()
  }

  /// Adds `other`, scaled, from sample `start` on; what lies outside is dropped.
  mutating func add(_ other: [Float], scaledBy gain: Float = 1, at start: Int = 0) {
    let first = Swift.max(0, -start)
    let last = Swift.min(other.count, count - start)
    guard first < last else { return }
    for i in first..<last { self[start + i] += gain * other[i] }
  }
}
