import Foundation
import Models
import Pretrain
import Tensor
import TestSupport
import Testing

/// Heads with parameters for which the loss is known.
@Suite struct ObjectiveTests {
  private var generator = RandomStream(seed: 1, purpose: .initialisation)

  private func codes(width: Int, hidden: Int, codebooks: [Int]) -> CodePrediction {
    var config = CodePrediction.Config()
    config.width = width
    var generator = generator
    return CodePrediction(config, hidden: hidden, codebooks: codebooks, using: &generator)
  }

  /// A head that passes its four channels on; both sets compare them with the four axes.
  private func identityHead() throws -> CodePrediction {
    var head = codes(width: 4, hidden: 4, codebooks: [4, 4])
    let identity = Tensor.identity(4)
    try head.load([
      "projection.weight": .concatenated([identity, identity], axis: 0),
      "projection.bias": .zeros([8]), "embeddings.0": identity * 3, "embeddings.1": identity,
    ])
    return head
  }

  /// The right code has cosine 1, the others 0: `ln(1 + 3 e^(-1 / 0.1))` per set, summed.
  @Test func certainCodes() throws {
    let frames = Tensor.identity(4).gatheringRows([2, 0, 3]) * 0.25
    let loss = try identityHead().loss(at: frames, codes: [[2, 0, 3], [2, 0, 3]])
    let each = Float(log1p(3 * exp(-10.0)))
    #expect(abs(loss.terms["codes.0"]! - each) < 1e-6)
    #expect(abs(loss.total.scalar - 2 * each) < 2e-6, "sets are added, not averaged")
    #expect(loss.terms["accuracy.0"] == 1 && loss.terms["accuracy.1"] == 1)
  }

  /// One of two frames wrong in the second set: ten nats more for that frame.
  @Test func wrongCodes() throws {
    let frames = Tensor.identity(4).gatheringRows([2, 0])
    let loss = try identityHead().loss(at: frames, codes: [[2, 0], [2, 1]])
    #expect(abs(loss.terms["codes.1"]! - loss.terms["codes.0"]! - 5) < 1e-4)
    #expect(loss.terms["accuracy.0"] == 1 && loss.terms["accuracy.1"] == 0.5)
  }

  /// Codes that look the same to a frame: `ln V`, whatever the temperature.
  @Test func codesThatAreAllTheSame() throws {
    var head = codes(width: 3, hidden: 5, codebooks: [7])
    var state = Dictionary(uniqueKeysWithValues: head.parameters.map { ($0.path, $0.tensor) })
    state["embeddings.0"] = .ones([7, 3])
    try head.load(state)
    let loss = head.loss(at: .normal([6, 5], seed: 2), codes: [[0, 1, 2, 3, 4, 6]])
    #expect(abs(loss.total.scalar - Float(log(7.0))) < 1e-5)
  }

  /// Fresh embeddings are all positive, hence alike: a new model begins near `ln V`.
  @Test func aFreshHeadKnowsNothing() {
    let head = codes(width: 64, hidden: 32, codebooks: [100])
    let targets = (0..<50).map { Int32($0 * 2) }
    let loss = head.loss(at: .normal([50, 32], seed: 5), codes: [targets]).total.scalar
    #expect(abs(loss - Float(log(100.0))) < 1, "\(loss)")
    let embeddings = head.parameters.first { $0.path == "embeddings.0" }!.tensor
    #expect(embeddings.shape == [100, 64])
    #expect(embeddings.scalars.allSatisfy { (0..<1).contains($0) })
  }

  @Test func spectrumIsAMeanOverFramesAndBins() throws {
    var config = SpectrumPrediction.Config()
    config.bins = 3
    var generator = generator
    var head = SpectrumPrediction(config, hidden: 4, using: &generator)
    try head.load(["projection.weight": .zeros([3, 4]), "projection.bias": Tensor([1, 0, 0])])
    let target = Tensor([1, 2, 0, 4, 0, 0], shape: [2, 3])
    let loss = head.loss(at: .normal([2, 4], seed: 2), spectrum: target)
    #expect(abs(loss.scalar - (4 + 9) / 6) < 1e-6)
  }

  /// `1/√16 = 1/4` of the summed squares, averaged over frames; a recipe may say another factor.
  @Test(arguments: [(Float(0), Float(0.25)), (2, 2)])
  func regressionSumsOverChannels(scale: Float, factor: Float) {
    var config = TeacherRegression.Config()
    config.scale = scale
    var generator = generator
    let head = TeacherRegression(config, hidden: 16, using: &generator)
    let (a, b) = (Tensor.normal([5, 16], seed: 1), Tensor.normal([5, 16], seed: 2))
    let squares = zip(a.scalars, b.scalars).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    let loss = head.loss(a, targets: b).scalar
    #expect(abs(loss - factor * squares / 5) < 1e-4 * loss)
  }
}

extension Tensor {
  /// Ones on the diagonal.
  static func identity(_ n: Int) -> Tensor {
    Tensor((0..<n * n).map { $0 % (n + 1) == 0 ? 1 : 0 }, shape: [n, n])
  }
}
