import Models
import Pretrain
import Tensor
import TestSupport
import Testing

/// What assigns codes, see Golden/tokens.py.
@Suite struct TokenizerTests {
  @Test func randomProjections() throws {
    let file = try golden("tokens").under("projection")
    var config = RandomProjectionTokens()
    (config.codes, config.projectedWidth) = (16, 4)
    var tokenizer = config.tokenizer(width: 12)
    try tokenizer.load([
      "books.0.projection": #require(file["projection"]),
      "books.0.vectors": #require(file["vectors"]),
    ])
    let codes = tokenizer.codes(of: try #require(file["frames"]))
    #expect(codes == [try #require(file["codes"]).integers])
  }

  @Test func levels() throws {
    let file = try golden("tokens").under("scalar")
    var config = ScalarTokens()
    config.levels = [4, 3, 5]
    #expect(config.codebookSizes == [60])
    var tokenizer = config.tokenizer(width: 12)
    try tokenizer.load([
      "books.0.weight": #require(file["weight"]), "books.0.bias": #require(file["bias"]),
    ])
    let codes = tokenizer.codes(of: try #require(file["frames"]))
    #expect(codes == [try #require(file["codes"]).integers])
  }

  @Test func rowsOfScalarProjectionsHaveLengthOne() {
    let weight = ScalarTokens().tokenizer(width: 30).state.first { $0.path == "books.0.weight" }!
    for row in 0..<5 {
      let squares = weight.tensor.sliced(axis: 0, row..<row + 1).squared().sum().scalar
      #expect(abs(squares - 1) < 1e-5)
    }
  }

  /// All that a tokeniser computes with is state, and nothing of it is trained.
  @Test(arguments: [0, 1, 2])
  func tokenisersAreBuffers(kind: Int) throws {
    var residual = ResidualTokens()
    (residual.quantizer.codes, residual.quantizer.codebooks) = (8, 2)
    residual.quantizer.steps = 3
    let settings: [any TokenizerSetting] = [RandomProjectionTokens(), ScalarTokens(), residual]
    var tokenizer = settings[kind].tokenizer(width: 6)
    #expect(tokenizer.parameterCount == 0)
    let frames = Tensor.normal([50, 6], seed: 1)
    try tokenizer.fit(to: frames, seed: 7)
    var copy = settings[kind].tokenizer(width: 6)
    try copy.load(Dictionary(uniqueKeysWithValues: tokenizer.state.map { ($0.path, $0.tensor) }))
    #expect(copy.codes(of: frames) == tokenizer.codes(of: frames))
    #expect(tokenizer.codes(of: frames).count == settings[kind].codebookSizes.count)
  }

  @Test func aFittedResidualQuantiserUsesItsCodes() throws {
    var residual = ResidualTokens()
    (residual.quantizer.codes, residual.quantizer.codebooks) = (16, 2)
    (residual.quantizer.projectedWidth, residual.quantizer.steps) = (4, 200)
    (residual.quantizer.batchFrames, residual.quantizer.learningRate) = (256, 0.01)
    var tokenizer = residual.tokenizer(width: 6)
    let frames = Tensor.normal([400, 6], seed: 1)
    try tokenizer.fit(to: frames, seed: 7)
    for codes in tokenizer.codes(of: frames) {
      #expect(CodeStatistics(codes: codes, clusters: 16).perplexity > 8)
    }
  }
}

@Suite struct WhiteningTests {
  /// Channels of very different size, two of them correlated, away from 0.
  private var frames: Tensor {
    let x = Tensor.normal([2_000, 3], seed: 3).scalars
    var numbers: [Float] = []
    for n in stride(from: 0, to: 6_000, by: 3) {
      let (a, b, c) = (x[n], x[n + 1], x[n + 2])
      numbers += [a + 5, b * 30 - 20, a * 3 + c * 3]
    }
    return Tensor(numbers, shape: [2_000, 3])
  }

  private func whitened(_ kind: WhiteningKind) throws -> Tensor {
    var whitening = Whitening(kind, width: 3)
    try whitening.fit(to: frames)
    return whitening(frames)
  }

  private func covariance(_ x: Tensor) -> [Float] {
    let centred = x - x.mean(axis: 0, keepingDims: true)
    return centred.matmul(centred, transposingLeft: true).scalars.map { $0 / Float(x.shape[0]) }
  }

  @Test func channelsEachByItself() throws {
    let covariance = covariance(try whitened(.channels))
    for d in 0..<3 { #expect(abs(covariance[4 * d] - 1) < 1e-3) }
    #expect(covariance[2] > 0.6, "the correlation stays")
  }

  @Test func globalKeepsTheProportions() throws {
    let covariance = covariance(try whitened(.global))
    #expect(abs(covariance[4] / covariance[0] - 900) < 200)
  }

  /// The hundredth that is added to each variance is all that is missing, also of faint channels.
  @Test func fullRemovesCorrelations() throws {
    let covariance = covariance(try whitened(.full))
    for (place, value) in covariance.enumerated() {
      #expect(abs(value - (place % 4 == 0 ? 1 : 0)) < 0.12, "\(covariance)")
    }
  }

  @Test func noneChangesNothing() throws {
    #expect(try whitened(.none).scalars == frames.scalars)
    #expect(Whitening(.none, width: 3).state.isEmpty)
  }

  @Test func refusesFramesThatAreAllEqual() {
    for kind in [WhiteningKind.channels, .global, .full] {
      var whitening = Whitening(kind, width: 3)
      #expect(throws: QuantizerError.constant) { try whitening.fit(to: .ones([20, 3])) }
    }
  }
}
