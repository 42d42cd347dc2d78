import Audio
import Files
import Foundation
import MelModels
import Models
import Tensor
import TestSupport
import Testing

/// `etude embed` with a model of every kind.
@Suite(.enabled(if: BuiltCommand.isThere)) struct EmbedTests {
  @Test(arguments: [
    "models_mel/muq", "models_mel/musicfm/pretrained_tiny.pt", "models_mel/mert2",
    "models/hubert-post", "pytorch/fairseq-options.pt",
  ])
  func theStatesAreTheEncoders(model: String) throws {
    let folder = try TestFolder()
    let url = goldenFolder.appendingPathComponent(model)
    let encoder = try Encoders.load(url)
    let (song, out) = (
      folder.url.appendingPathComponent("song.wav").path,
      folder.url.appendingPathComponent("states.safetensors")
    )
    try AudioFile.write(
      (0..<9_000).map { 0.3 * sin(Float($0) * 0.07) }, sampleRate: encoder.config.sampleRate,
      to: song)
    let line = "\"$ETUDE\" embed --model '\(url.path)' '\(song)' --out '\(out.path)'"
    #expect(try BuiltCommand.run(line).code == 0)
    let states = try SafeTensors(contentsOf: out).tensor("hidden_states")
    let samples = try AudioFile.decode(song, sampleRate: encoder.config.sampleRate)
    #expect(states.shape[0] == encoder.config.layers + 1)
    expectClose(states, try encoder.stackedHiddenStates(of: samples), relative: 1e-6)
  }
}
