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

  @Test func aRunStandsForItsLatestCheckpoint() throws {
    let folder = try TestFolder()
    let checkpoints = folder.url.appendingPathComponent("run/checkpoints")
    try FileManager.default.createDirectory(at: checkpoints, withIntermediateDirectories: true)
    let model = goldenFolder.appendingPathComponent("models/hubert-post")
    try FileManager.default.copyItem(at: model, to: checkpoints.appendingPathComponent("step-12"))
    try AudioFile.write(
      [Float](repeating: 0.1, count: 9_000), sampleRate: 16_000, to: folder.path("a.wav"))
    for (name, source) in [("run", folder.path("run")), ("model", model.path)] {
      let line =
        "\"$ETUDE\" embed --model '\(source)' '\(folder.path("a.wav"))' --out '\(folder.path("\(name).npy"))'"
      #expect(try BuiltCommand.run(line).code == 0)
    }
    #expect(
      try Data(contentsOf: URL(fileURLWithPath: folder.path("run.npy")))
        == Data(contentsOf: URL(fileURLWithPath: folder.path("model.npy"))))
  }

  /// A limit on addresses that leaves OpenBLAS no room for its buffers, for which it would wait for ever.
  @Test func aLimitOfAddressesEndsTheCommand() throws {
    let folder = try TestFolder()
    let model = goldenFolder.appendingPathComponent("models/hubert-post").path
    try AudioFile.write(
      (0..<9_000).map { 0.3 * sin(Float($0) * 0.07) }, sampleRate: 16_000, to: folder.path("a.wav"))
    let (code, errors) = try BuiltCommand.run(
      """
      ulimit -v 400000; timeout 60 "$ETUDE" embed --model '\(model)' '\(folder.path("a.wav"))' \
      --out '\(folder.path("a.npy"))' --threads 2
      """)
    #expect(code != 0 && code != 124)
    #expect(errors.contains("out of memory"), "\(errors)")
  }

  @Test(arguments: ["nan", "-1e30", "1e30", "inf"]) func overlapsThatAreNone(overlap: String) throws
  {
    let folder = try TestFolder()
    let model = goldenFolder.appendingPathComponent("models/hubert-post").path
    try AudioFile.write(
      (0..<48_000).map { 0.3 * sin(Float($0) * 0.07) }, sampleRate: 16_000, to: folder.path("a.wav")
    )
    let (code, errors) = try BuiltCommand.run(
      """
      "$ETUDE" embed --model '\(model)' '\(folder.path("a.wav"))' --out '\(folder.path("a.npy"))' \
      --window 1 --overlap \(overlap)
      """)
    #expect(code == 1 && errors.contains("cannot overlap by"), "\(errors)")
  }
}
