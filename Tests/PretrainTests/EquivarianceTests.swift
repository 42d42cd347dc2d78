import Models
import Pretrain
import Tensor
import TestSupport
import Testing

/// Losses and nets that ask for equivariance under transposition.
@Suite struct EquivarianceTests {
  /// Against Golden/equivariance.py.
  @Test(arguments: KeyCircle.allCases)
  func theLossOfKeysIsTheReferences(circle: KeyCircle) throws {
    let file = try golden("equivariance").under("key")
    let logits = try #require(file["logits"]).tracked()
    let steps = try #require(file["steps"]).integers.map { Int($0) }
    func part(_ number: Int) -> Tensor {
      logits.sliced(axis: 0, number..<number + 1).reshaped([steps.count, 12]).softmax()
    }
    let loss = circle.loss(part(0), part(1), transposed: part(2), by: steps)
    expectClose(loss, try #require(file["\(circle.rawValue).loss"]), relative: 1e-5)
    let gradient = try #require(loss.gradients()[logits])
    expectClose(gradient, try #require(file["\(circle.rawValue).gradient"]), relative: 1e-4)
  }

  /// Against Golden/equivariance.py.
  @Test func theLossOfModesIsTheReferences() throws {
    let file = try golden("equivariance").under("mode")
    let logits = try #require(file["logits"]).tracked()
    let chroma = try #require(file["chroma"])
    let crops = chroma.shape[0]
    func part(_ number: Int) -> Tensor {
      logits.sliced(axis: 0, number..<number + 1).reshaped([crops, 24]).softmax()
    }
    let terms = KeyMode().terms(part(0), part(1), transposed: part(2), chroma: chroma)
    expectClose(terms.total, try #require(file["loss"]), relative: 1e-5)
    let gradient = try #require(terms.total.gradients()[logits])
    expectClose(gradient, try #require(file["gradient"]), relative: 1e-4)
  }

  @Test func modesThatSayNothingCostLogarithmsOfTwo() {
    let flat = Tensor.ones([4, 24]) / 24
    let terms = KeyMode().terms(flat, flat, transposed: flat, chroma: .ones([4, 12]))
    #expect(abs(terms.crossEntropy.scalar - 3 * 0.6931472) < 1e-5)
    #expect(abs(terms.total.scalar - 4.5 * 0.6931472) < 1e-5)
  }

  @Test func flatKeysCostThree() {
    let flat = Tensor.ones([4, 12]) / 12
    let loss = KeyCircle.fifths.loss(flat, flat, transposed: flat, by: [1, -2, 5, 11])
    #expect(abs(loss.scalar - 3) < 1e-5)
    #expect(KeyCircle.fifths.certainty(of: flat) < 1e-6)
  }

  /// Certain keys that move down by as many classes as the first stretch lies above its transposition.
  @Test(arguments: KeyCircle.allCases)
  func keysThatTurnCostNothing(circle: KeyCircle) {
    func certain(_ keys: [Int]) -> Tensor {
      Tensor(
        keys.flatMap { key in (0..<12).map { $0 == key ? Float(1) : 0 } }, shape: [keys.count, 12])
    }
    let (a, c) = (certain([3, 0]), certain([1, 7]))
    #expect(circle.loss(a, a, transposed: c, by: [2, -7]).scalar < 1e-9)
    #expect(circle.loss(a, a, transposed: c, by: [2, 7]).scalar > 0.1)
  }

  /// Against Golden/equivariance.py.
  @Test(arguments: ["invariance", "shift", "ratio"])
  func theLossesOfPitchesAreTheReferences(name: String) throws {
    let file = try golden("equivariance").under("pitch")
    let logits = try #require(file["logits"]).tracked()
    let steps = try #require(file["steps"]).integers.map { Int($0) }
    let octave = Int(try #require(file["octave"]).integers[0])
    let (a, b) = (0..<2).map {
      logits.sliced(axis: 0, $0..<$0 + 1).reshaped([steps.count, logits.shape[2]]).softmax()
    }.pair
    let loss =
      switch name {
      case "invariance": PitchLosses.invariance(a, b)
      case "shift": PitchLosses.shiftedCrossEntropy(a, b, by: steps)
      default: PitchLosses.powerSeries(a, b, by: steps, octave: octave)
      }
    expectClose(loss, try #require(file["\(name).loss"]), relative: 1e-5)
    let gradient = try #require(loss.gradients()[logits])
    expectClose(gradient, try #require(file["\(name).gradient"]), relative: 1e-4)
  }

  /// Two peaks in the middle of a spectrum, `[1, bins]`.
  private func peaks(at bin: Int, of bins: Int) -> Tensor {
    Tensor((0..<bins).map { $0 == bin ? 2 : $0 == bin + 7 ? 1 : 0 }, shape: [1, bins])
  }

  private func net(_ layers: Int = 2) -> (PitchConvolutions.Config, RandomStream) {
    var config = PitchConvolutions.Config()
    (config.channels, config.kernel, config.layers) = (3, 5, layers)
    return (config, RandomStream(seed: 4, purpose: .initialisation))
  }

  @Test(arguments: [1, 2])
  func keysTurnWithATransposition(modes: Int) {
    var (config, generator) = net()
    let net = KeyNet(config, modes: modes, using: &generator)
    func logits(at bin: Int) -> [Float] {
      net(peaks(at: bin, of: 48).reshaped([1, 1, 48])).scalars
    }
    let (low, high) = (logits(at: 15), logits(at: 20))
    // Silence at the ends is silence beyond them, so a shift by five bins is a turn by five classes.
    for key in 0..<12 * modes {
      #expect(abs(high[key / 12 * 12 + (key + 5) % 12] - low[key]) < 1e-3, "\(key)")
    }
    #expect(Set(low).count == 12 * modes)
  }

  @Test func pitchesShiftWithATransposition() {
    var (config, generator) = net()
    let net = PitchNet(config, bins: 40, classes: 50, using: &generator)
    let (low, high) = (net(peaks(at: 12, of: 40)).scalars, net(peaks(at: 16, of: 40)).scalars)
    func distance(shifting steps: Int) -> Float {
      (10..<40).reduce(0) { $0 + abs(high[$1 + steps] - low[$1]) }
    }
    // Not exact: what surrounds the peaks is not 0, and ends with the spectrum.
    #expect(distance(shifting: 4) < 0.5 * distance(shifting: 0))
  }

  @Test func diagonalsAreThoseOfAConvolution() {
    var (config, generator) = net()
    let net = PitchNet(config, bins: 9, classes: 6, using: &generator)
    let x = Tensor.normal([3, 9], seed: 3)
    let bins = net.convolutions(x).reshaped([3, 9, 1])
    let expected = bins.conv1d(weight: net.diagonals, padding: .both(5)).reshaped([3, 6])
    expectClose(net(x), expected, relative: 1e-5)
  }

  @Test func gradientsOfNetsMatchFiniteDifferences() {
    var (config, generator) = net()
    let key = KeyNet(config, using: &generator)
    expectGradient(of: { key($0) }, at: .normal([2, 3, 24], seed: 2))
    let pitch = PitchNet(config, bins: 9, classes: 6, using: &generator)
    expectGradient(of: { pitch($0) }, at: .normal([3, 9], seed: 3))
  }
}

extension [Tensor] {
  fileprivate var pair: (Tensor, Tensor) { (self[0], self[1]) }
}
