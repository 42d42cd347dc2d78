import Foundation
import Models
import Tensor
import TestSupport
import Testing

/// Encoders of the waveform whose queries and keys are turned in place of a positional convolution.
@Suite struct RotaryEncoderTests {
  private static let config: AudioEncoder.Config = {
    var config = AudioEncoder.Config.tiny
    (config.position, config.rotary) = (AudioEncoder.Position(), Rotary())
    return config
  }()

  @Test func noConvolutionIsBuilt() throws {
    let encoder = try AudioEncoder.random(Self.config)
    #expect(encoder.position == nil && Self.config.parameterCounts.positions == 0)
    #expect(encoder.parameterCount == Self.config.parameterCount)
    #expect(encoder.parameters.allSatisfy { !$0.path.hasPrefix("position") })
  }

  /// Without positions, frames in another order would have the same states in that order. New weights are so small that
  /// frames attend to all others alike.
  @Test func statesDependOnTheOrderOfFrames() throws {
    var encoder = try AudioEncoder.random(Self.config)
    encoder.update { place, tensor in
      if place.path.contains("attention"), tensor.rank == 2 { tensor = tensor * 30 }
    }
    let frames = Tensor.normal([1, 6, 12], seed: 4)
    let order = [3, 1, 5, 0, 2, 4]
    let turned = Tensor.concatenated(
      order.map { frames.sliced(axis: 1, $0..<$0 + 1) }, axis: 1)
    let plain = encoder.contextualise(frames, in: .evaluating())
    let shuffled = encoder.contextualise(turned, in: .evaluating())
    let expected = Tensor.concatenated(
      order.map { plain.sliced(axis: 1, $0..<$0 + 1) }, axis: 1)
    #expect(zip(shuffled.scalars, expected.scalars).contains { abs($0 - $1) > 1e-4 })
  }

  @Test func itsFolderIsNobodyElses() throws {
    let encoder = try AudioEncoder.random(Self.config)
    try withTemporaryFolder { folder in
      try encoder.save(to: folder)
      let text = try String(
        contentsOf: folder.appendingPathComponent("config.json"), encoding: .utf8)
      #expect(text.contains("\"model_type\" : \"etude\""), "\(text)")
      let again = try AudioEncoder.load(folder)
      #expect(again.config == encoder.config)
      let wave = Tensor.normal([1, 200], seed: 1)
      let states = (again(wave, in: .evaluating()), encoder(wave, in: .evaluating()))
      #expect(states.0.scalars == states.1.scalars)
    }
  }

  @Test func otherProgramsFormsAreRefused() throws {
    let encoder = try AudioEncoder.random(Self.config)
    try withTemporaryFolder { folder in
      let words = "encoder.rotary: the published models give frames their place by a convolution"
      expectError(words) { try ModelFolder.write(encoder, to: folder, as: .mert) }
      expectError(words) {
        try encoder.saveFairseq(to: folder.appendingPathComponent("model.pt"))
      }
    }
  }

  @Test func settingsOfTheConvolutionHaveNoEffect() {
    var config = Self.config
    config.position.kernel = 9
    expectError("encoder.position: has no effect beside rotary") {
      _ = try AudioEncoder.random(config)
    }
    config.position = AudioEncoder.Position()
    config.rotary!.channels = 6
    expectError("encoder.rotary.channels: 6 are not pairs within the 4 channels of a head") {
      _ = try AudioEncoder.random(config)
    }
  }
}
