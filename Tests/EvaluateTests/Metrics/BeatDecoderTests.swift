import Evaluate
import TestSupport
import Testing

/// Against madmom; the values are written by `Tests/Golden/beats.py`.
@Suite struct BeatDecoderTests {
  private struct Golden: Decodable {
    struct Space: Decodable {
      var rate: Double
      var states: Int
      var transitions: Int
      var beatStates: Int
    }
    struct Clip: Decodable {
      var rate: Double
      var probabilities: [Float]
      var beats: [Double]
    }
    var spaces: [Space]
    /// Probabilities from 25 frames to 14…55.
    var row: [Double]
    var clips: [Clip]
  }

  private let golden: Golden

  init() throws { golden = try goldenJSON("beats", as: Golden.self) }

  @Test func statesAndTransitionsAreThoseOfMadmom() {
    for right in golden.spaces {
      let decoder = BeatDecoder(frameRate: right.rate)
      #expect(decoder.space.count == right.states)
      #expect(decoder.space.isBeat.count { $0 } == right.beatStates)
      // Within its interval each state but the last leads to one other.
      let within = right.states - decoder.space.intervals.count
      #expect(decoder.transitions.into.reduce(within) { $0 + $1.count } == right.transitions)
    }
  }

  @Test(arguments: [(25.0, 7...27), (50, 14...55), (75, 21...82)])
  func intervalsAreThoseOf55To215BeatsAMinute(rate: Double, intervals: ClosedRange<Int>) {
    #expect(BeatDecoder(frameRate: rate).space.intervals == intervals)
  }

  @Test func aTempoStaysRatherThanChanges() {
    let row = TempoTransitions.probabilities(from: 25, to: 14...55)
    #expect(isClose(row, golden.row, within: 1e-14))
    #expect(isClose([row[11], row[12], row[13]], [0.964028, 0.0176568, 3.23395e-4], within: 1e-6))
    #expect(row[1] == 0 && row[2] > 0 && row[20] > 0 && row[21] == 0)
  }

  /// Noise, ties, certain beats, single frames, tempi that change, frames of no beat.
  @Test func beatsAreThoseOfMadmom() {
    for (place, right) in golden.clips.enumerated() {
      let beats = BeatDecoder(frameRate: right.rate).beats(right.probabilities)
      #expect(isClose(beats, right.beats, within: 1e-8), "clip \(place)")
    }
  }

  /// A peak and its neighbours at each of these frames, 0.02 elsewhere.
  private func clip(at frames: [Int], peak: Float, neighbour: Float) -> [Float] {
    var clip = [Float](repeating: 0.02, count: 300)
    for frame in frames {
      clip[frame] = peak
      (clip[frame - 1], clip[frame + 1]) = (neighbour, neighbour)
    }
    return clip
  }

  @Test func findsASteadyBeat() {
    let frames = Array(stride(from: 12, to: 300, by: 25))
    let beats = BeatDecoder(frameRate: 50).beats(clip(at: frames, peak: 0.9, neighbour: 0.4))
    #expect(beats == frames.map { Double($0) / 50 } && beats.count == 12)
  }

  @Test func followsASlowerBeat() {
    let frames = [10, 30, 50, 72, 93, 115, 138, 160, 184, 208, 232, 258, 283]
    let beats = BeatDecoder(frameRate: 50).beats(clip(at: frames, peak: 0.8, neighbour: 0.3))
    #expect(beats == frames.map { Double($0) / 50 })
  }

  @Test(arguments: [[], [Float](repeating: 0, count: 300), [0.5, .nan, 0.5]])
  func findsNothing(in clip: [Float]) {
    #expect(BeatDecoder(frameRate: 50).beats(clip).isEmpty)
  }

  @Test func thirtySecondsTakeWellBelowASecond() {
    let clip = (0..<2250).map { Float($0 * $0 * 7 % 101) / 101 }
    let decoder = BeatDecoder(frameRate: 75)
    let time = ContinuousClock().measure { _ = decoder.beats(clip) }
    #expect(time < .seconds(1), "\(time)")
  }

  @Test func trapsOnLogits() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = BeatDecoder(frameRate: 50).beats([0.5, -1.5])
    }
    expectWords("BeatDecoder.beats: needs probabilities of 0 to 1, got [-1.5]", in: result)
  }

  @Test func trapsOnFramesLongerThanBeats() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = BeatDecoder(frameRate: 1)
    }
    expectWords("BeatStateSpace.init: needs beats of 1 to 9,999 frames, got 0.0 to 1.0", in: result)
  }
}
