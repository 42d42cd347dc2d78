import Foundation

/// The forward pass of Viterbi over beat states, and the way back.
///
/// Only the first state of an interval can be reached in several ways. All others follow the state before, so that a
/// frame shifts the scores by one state, and only the ways into intervals are kept.
struct BeatLattice {
  private let space: BeatStateSpace
  private let transitions: TempoTransitions
  /// The log probability of the best path to each state.
  private var scores: [Double]
  /// For each frame and interval, the interval from which its first state is reached best.
  private var origins: [[Int]] = []

  /// Before the first frame: every state is as probable as another.
  init(_ space: BeatStateSpace, _ transitions: TempoTransitions) {
    (self.space, self.transitions) = (space, transitions)
    scores = [Double](repeating: log(1 / Double(space.count)), count: space.count)
  }

  /// One transition, then a frame of these log densities.
  mutating func advance(onBeat: Double, offBeat: Double) {
    let entries = transitions.into.map { bestEntry($0) }
    origins.append(entries.map(\.origin))
    for state in stride(from: space.count - 1, to: 0, by: -1) {
      scores[state] = scores[state - 1] + (space.isBeat[state] ? onBeat : offBeat)
    }
    for (states, entry) in zip(space.states, entries) {
      scores[states.lowerBound] = entry.score + onBeat
    }
  }

  /// The first of the most probable ways into an interval.
  private func bestEntry(_ steps: [TempoTransitions.Step]) -> (origin: Int, score: Double) {
    var best = (origin: 0, score: -Double.infinity)
    for step in steps {
      let score = scores[space.states[step.origin].upperBound - 1] + step.logProbability
      if score > best.score { best = (step.origin, score) }
    }
    return best
  }

  /// The states of the most probable path, one for each frame; of equal ones that which ends in the first state.
  /// Empty if none is possible.
  var bestPath: [Int] {
    let last = scores.indices.reduce(0) { scores[$1] > scores[$0] ? $1 : $0 }
    guard scores[last] > -.infinity else { return [] }
    var interval = space.states.firstIndex { $0.contains(last) }!
    var (state, path) = (last, [Int]())
    for origins in origins.reversed() {
      path.append(state)
      if state > space.states[interval].lowerBound {
        state -= 1
      } else {
        interval = origins[interval]
        state = space.states[interval].upperBound - 1
      }
    }
    return path.reversed()
  }
}
