import Models
import Synchronization
import Tensor
import TestSupport
import Testing

/// The last layer maps the frames that are read, and what is read is that of a whole pass.
@Suite struct OutputFramesTests {
  private static func encoder(_ order: AudioEncoder.NormOrder) throws -> AudioEncoder {
    var config = AudioEncoder.Config.tiny
    (config.inputDropout, config.dropout, config.attentionDropout) = (0.2, 0.2, 0.2)
    (config.activationDropout, config.layerDrop, config.normOrder) = (0.3, 0, order)
    var encoder = try AudioEncoder.random(config)
    encoder.trackGradients()
    return encoder
  }

  @Test(arguments: AudioEncoder.NormOrder.allCases, [false, true])
  func valuesAndGradientsAreThoseOfAWholePass(
    order: AudioEncoder.NormOrder, recomputing: Bool
  ) throws {
    let encoder = try Self.encoder(order)
    let waveform = Tensor.normal([2, 400], seed: 1)
    func run(_ rows: [Int]?) -> (Tensor, [(String, Tensor?)]) {
      let pass = ForwardPass.training(
        seed: 5, step: 3, samples: [8, 2], recomputingLayers: recomputing)
      pass.outputFrames = rows
      let states = encoder(waveform, in: pass)
      let width = states.shape[2]
      let read = states.reshaped([states.elementCount / width, width])
        .gatheringRows(rows ?? Self.rows)
      let gradients = (read * .normal(read.shape, seed: 2)).sum().gradients()
      return (read, encoder.parameters.map { ($0.path, gradients[$0.tensor]) })
    }
    let (whole, part) = (run(nil), run(Self.rows))
    expectClose(part.0, whole.0, relative: 1e-6)
    for ((name, mine), (_, theirs)) in zip(part.1, whole.1) {
      #expect((mine == nil) == (theirs == nil), "\(name)")
      guard let mine, let theirs else { continue }
      if name.hasSuffix("key.bias") {
        // Mathematically 0: a softmax does not change when all its scores do by one number.
        #expect((mine.scalars + theirs.scalars).allSatisfy { abs($0) < 1e-8 }, "\(name)")
      } else {
        expectClose(mine, theirs, relative: 1e-5)
      }
    }
  }

  private static let rows = [1, 2, 4, 7, 9]

  /// No layer below the last leaves frames out, nor does a pass that reads all.
  @Test(arguments: [nil, rows])
  func onlyTheLastLayerMapsFewerFrames(rows: [Int]?) throws {
    var encoder = try Self.encoder(.post)
    let counts = Mutex<[Int]>([])
    for i in 0..<2 {
      encoder.transformer.layers[i] = PostNormLayer(
        attention: (encoder.transformer.layers[i] as! PostNormLayer).attention,
        feedForward: CountingFeedForward { frames in counts.withLock { $0.append(frames) } },
        dropout: 0)
    }
    let pass = ForwardPass.training(seed: 5, step: 3, rows: 2)
    pass.outputFrames = rows
    let states = encoder(.normal([2, 400], seed: 1), in: pass)
    let all = states.shape[0] * states.shape[1]
    #expect(counts.withLock { $0 } == [all, rows?.count ?? all])
  }
}

/// Maps every frame to zeros, and counts them.
private struct CountingFeedForward: FeedForward {
  var count: @Sendable (Int) -> Void = { _ in }

  init(counting count: @escaping @Sendable (Int) -> Void) { self.count = count }
  init(width: Int, inner: Int, dropout: Float, using generator: inout some RandomNumberGenerator) {}

  func callAsFunction(_ x: Tensor, in pass: ForwardPass) -> Tensor {
    count(x.elementCount / x.shape[x.rank - 1])
    return x * 0
  }

  static func cost(width: Int, inner: Int, dropout: Float) -> BlockCost { BlockCost() }
  static var publishedNames: [PublishedName] { [] }
  mutating func visit(_ visitor: inout some ParameterVisitor) {}
}
