import Tensor

/// The states of the hidden Markov model of beats: how many frames a beat lasts, and how many of them have passed.
///
/// An interval of `τ` frames has the states `0 … τ − 1`; those of all intervals stand one behind the other.
///
/// - Source: Krebs, Böck and Widmer 2015, *An Efficient State Space Model for Joint Tempo and Meter Tracking*;
///   madmom `BeatStateSpace`.
package struct BeatStateSpace: Sendable {
  /// A beat is the first sixteenth of its interval, `k / τ < 1 / 16`, and the rest is none.
  static let parts = 16

  /// Frames from a beat to the next one, ascending and without gaps.
  package let intervals: ClosedRange<Int>
  /// The states of each interval.
  package let states: [Range<Int>]
  /// Whether a state is on the beat.
  package let isBeat: [Bool]

  /// The intervals of a range of tempi, rounded to frames.
  ///
  /// - Parameters:
  ///   - tempi: Beats a minute.
  ///   - frameRate: Frames a second.
  /// - Traps when: a beat of the fastest tempo lasts less than a frame, or one of the slowest 10,000 or more.
  package init(tempi: ClosedRange<Double>, frameRate: Double) {
    let shortest = (60 * frameRate / tempi.upperBound).rounded(.toNearestOrEven)
    let longest = (60 * frameRate / tempi.lowerBound).rounded(.toNearestOrEven)
    precondition(
      shortest >= 1 && longest < 10_000,
      "BeatStateSpace.init: needs beats of 1 to 9,999 frames, got \(shortest) to \(longest)")
    intervals = Int(shortest)...Int(longest)
    states = intervals.reduce(into: []) { states, interval in
      let start = states.last?.upperBound ?? 0
      states.append(start..<start + interval)
    }
    isBeat = intervals.flatMap { interval in (0..<interval).map { $0 * Self.parts < interval } }
  }

  /// The number of states.
  package var count: Int { isBeat.count }
}
