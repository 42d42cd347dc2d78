import Files
import Foundation
import Models
import Tensor
import TestSupport
import Testing

/// A block of somebody's own: `W max(x, 0)`.
private struct ReLUFeedForward: FeedForward {
  var map: Linear

  init(width: Int, inner: Int, dropout: Float, using generator: inout some RandomNumberGenerator) {
    map = Linear(from: width, to: width, hasBias: false, using: &generator)
  }

  func callAsFunction(_ x: Tensor, in pass: ForwardPass) -> Tensor { map(x.relu()) }

  static func cost(width: Int, inner: Int, dropout: Float) -> BlockCost {
    Linear.cost(from: width, to: width, hasBias: false).keeping(width)
  }

  static var publishedNames: [PublishedName] { [] }

  mutating func visit(_ visitor: inout some ParameterVisitor) { visitor.child("map", &map) }
}

extension FeedForwardKind {
  fileprivate static let relu = FeedForwardKind("relu", builds: ReLUFeedForward.self)
}

/// A block that no published model has: in an encoder, in plans and in folders.
@Suite struct OwnBlockTests {
  private static func encoder(
    _ order: AudioEncoder.NormOrder = .post
  ) throws -> AudioEncoder {
    var config = AudioEncoder.Config.tiny
    (config.feedForward, config.normOrder) = (.relu, order)
    return try .random(config)
  }

  @Test(arguments: AudioEncoder.NormOrder.allCases)
  func anEncoderIsBuiltOfIt(order: AudioEncoder.NormOrder) throws {
    let encoder = try Self.encoder(order)
    #expect(encoder.config.parameterCount == encoder.parameterCount)
    let pass = ForwardPass.evaluating(keeping: .feedForwardOutputs)
    let states = encoder(.normal([1, 200], seed: 1), in: pass)
    #expect(states.shape[2] == 12 && pass.feedForwardOutputs.count == 2)
    #expect(encoder.state.map(\.path).sorted() == storedTensors(in: encoder).sorted())
  }

  @Test func otherProgramsFormsAreRefused() throws {
    let encoder = try Self.encoder()
    try withTemporaryFolder { folder in
      let words = "encoder.feedForward: relu is in no published model"
      expectError(words) { try ModelFolder.write(encoder, to: folder, as: .mert) }
      expectError(words) {
        try encoder.saveFairseq(to: folder.appendingPathComponent("model.pt"))
      }
      let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(left.isEmpty)
    }
  }

  /// The folder names a type of model that no other program takes for one of its own, and a reader
  /// without the block refuses it.
  @Test func itsFolderIsNobodyElses() throws {
    try withTemporaryFolder { folder in
      try Self.encoder().save(to: folder)
      let text = try String(
        contentsOf: folder.appendingPathComponent("config.json"), encoding: .utf8)
      #expect(text.contains("\"model_type\" : \"etude\""), "\(text)")
      #expect(text.contains("\"feed_forward\" : \"relu\""), "\(text)")
      #expect(!text.contains("architectures"))
      let weights = folder.appendingPathComponent("model.safetensors")
      let names = try SafeTensors(contentsOf: weights).tensors().keys
      #expect(names.contains("encoder.layers.1.feed_forward.map.weight"))
      expectError("'etude.feed_forward' is missing or not of its type") {
        _ = try AudioEncoder.load(folder)
      }
    }
  }

  @Test func severalPositionalConvolutionsAreRefused() throws {
    var config = AudioEncoder.Config.tinyData2Vec
    config.feedForward = .relu
    expectError("encoder.position.depth: transformers has several positional") {
      try config.checkWritable()
    }
  }
}
