import Models
import Optimisation
import Settings
import Tensor
import TestSupport
import Testing

@Suite struct WeightAverageTests {
  private func average(of pair: Pair, decay: Double, frozen: String? = nil) throws -> WeightAverage
  {
    var (averaging, config) = (WeightAveraging(), AdamW.Config())
    averaging.decay = decay
    config.groups = frozen.map { [ParameterGroup(match: $0, frozen: true)] } ?? []
    return WeightAverage(averaging, of: pair, trainedBy: try ParameterNumbers(config, of: pair))
  }

  /// TensorFlow's rule by hand: decays 2/11, 3/12, 4/13, then at most 0.3.
  @Test func itFollowsFasterAtFirst() throws {
    var pair = Pair(a: Tensor([0]), b: Tensor([5]))
    pair.trackGradients()
    var average = try average(of: pair, decay: 0.3)
    var expected = 0.0
    for (number, decay) in [2.0 / 11, 3.0 / 12, 0.3, 0.3].enumerated() {
      pair.a = Tensor([Float(number + 1)]).tracked()
      average.follow(pair, updates: number + 1)
      expected = decay * expected + (1 - decay) * Double(number + 1)
      #expect(abs(Double(average.applied(to: pair).a.scalars[0]) - expected) < 1e-6)
    }
    #expect(pair.a.scalars == [4], "the model itself stays")
    #expect(average.applied(to: pair).b.scalars == [5])
  }

  @Test func whatIsFrozenIsNotAveraged() throws {
    var pair = Pair(a: Tensor([0, 0]), b: Tensor([5]))
    var average = try average(of: pair, decay: 0.5, frozen: "b")
    #expect(average.byteCount == 8)
    (pair.a, pair.b) = (Tensor([1, 1]), Tensor([6]))
    average.follow(pair, updates: 100)
    #expect(average.applied(to: pair).scalars == [0.5, 0.5, 6])
  }

  @Test func itGoesOnFromACopy() throws {
    var pair = Pair(a: Tensor([0, 4]), b: Tensor([5]))
    var whole = try average(of: pair, decay: 0.9)
    var halved = whole
    for n in 1...6 {
      pair.a = Tensor([Float(n), 1 / Float(n)])
      whole.follow(pair, updates: n)
      if n == 3 {
        let copy = whole.applied(to: pair)
        halved = try average(of: Pair(a: Tensor([9, 9]), b: Tensor([9])), decay: 0.9)
        halved.restore(from: copy)
      } else if n > 3 {
        halved.follow(pair, updates: n)
      }
    }
    #expect(whole.applied(to: pair).scalars == halved.applied(to: pair).scalars)
  }

  @Test func aDecayOf1IsRefused() {
    var averaging = WeightAveraging()
    averaging.decay = 1
    #expect(throws: InvalidSetting.self) { try averaging.validate() }
  }
}
