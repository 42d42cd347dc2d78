import Foundation
import Tensor

/// Finds the beats that explain the beat probability of each frame best, under a steady tempo.
///
/// A hidden Markov model: its states are those of `BeatStateSpace`, its transitions those of `TempoTransitions`. A
/// frame of probability `a` has the density `a` in a state on the beat and `(1 − a) / 15` in another. The most probable
/// path is that of Viterbi, in logarithms and Double; of equal ones it is the one that madmom chooses.
///
/// - Source: Böck, Krebs and Widmer 2014, *A Multi-Model Approach to Beat Tracking Considering Heterogeneous Music
///   Styles*; madmom `DBNBeatTrackingProcessor` with its defaults.
public struct BeatDecoder: Sendable {
  /// Frames a second.
  public let frameRate: Double
  package let space: BeatStateSpace
  package let transitions: TempoTransitions

  /// - Parameters:
  ///   - frameRate: Frames a second.
  ///   - tempi: Beats a minute that there can be.
  /// - Traps when: a beat lasts less than a frame, or 10,000 or more.
  public init(frameRate: Double, tempi: ClosedRange<Double> = 55...215) {
    self.frameRate = frameRate
    space = BeatStateSpace(tempi: tempi, frameRate: frameRate)
    transitions = TempoTransitions(among: space.intervals)
  }

  /// The beats of a clip.
  ///
  /// In each run of frames on the beat it is the frame of the highest probability, the first of equal ones.
  ///
  /// - Parameter probabilities: That a beat is in the frame, 0…1, one for each frame.
  /// - Returns: Seconds, ascending; frame `n` is at `n / frameRate`. Empty if all probabilities are 0, or if no path
  ///   explains them: because one is NaN, the mark of a probe that diverged, or is 1 where there can be no beat.
  /// - Traps when: a probability is below 0 or above 1.
  /// - Complexity: `O(frames × states)`; keeps a number for each frame and interval.
  public func beats(_ probabilities: [Float]) -> [Double] {
    let others = probabilities.filter { $0 < 0 || $0 > 1 }
    precondition(
      others.isEmpty, "BeatDecoder.beats: needs probabilities of 0 to 1, got \(others.prefix(3))")
    guard probabilities.contains(where: { $0 != 0 }) else { return [] }
    return runs(of: path(probabilities).map { space.isBeat[$0] }).map { run in
      Double(peak(of: probabilities, in: run)) / frameRate
    }
  }

  /// The most probable state of each frame; empty if no path is possible.
  func path(_ probabilities: [Float]) -> [Int] {
    var lattice = BeatLattice(space, transitions)
    for probability in probabilities {
      lattice.advance(
        onBeat: log(Double(probability)),
        offBeat: log((1 - Double(probability)) / Double(BeatStateSpace.parts - 1)))
    }
    return lattice.bestPath
  }

  private func runs(of isBeat: [Bool]) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    for frame in isBeat.indices where isBeat[frame] {
      if let last = runs.last, last.upperBound == frame {
        runs[runs.count - 1] = last.lowerBound..<frame + 1
      } else {
        runs.append(frame..<frame + 1)
      }
    }
    return runs
  }

  private func peak(of values: [Float], in run: Range<Int>) -> Int {
    run.reduce(run.lowerBound) { values[$1] > values[$0] ? $1 : $0 }
  }
}
