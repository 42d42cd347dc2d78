import Files
import Foundation
import Models
import Tensor
import TestSupport
import Testing

/// No model with a NaN among its numbers is read or written, and no state that is NaN goes on.
@Suite struct FiniteWeightsTests {
  private static let path = "transformer.layers.1.feedForward.inner.weight"
  private static let theirs = "encoder.layers.1.feed_forward.intermediate_dense.weight"

  /// A model in which one number is `value`.
  private static func spoiled(_ value: Float) throws -> AudioEncoder {
    var encoder = try AudioEncoder.random(.tiny)
    encoder.update { place, tensor in
      if place.path == Self.path { tensor.update { $0[13] = value } }
    }
    return encoder
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func aFolderWithOneIsRefused(value: Float) throws {
    try withTemporaryFolder { folder in
      try AudioEncoder.random(.tiny).save(to: folder)
      let url = folder.appendingPathComponent("model.safetensors")
      var tensors = try SafeTensors(contentsOf: url).tensors()
      tensors[Self.theirs]!.update { $0[13] = value }
      try SafeTensors.write(tensors, to: url)
      expectError(
        "model.safetensors: tensor '\(Self.theirs)' holds \(value) at [1, 1]", "get a fresh copy"
      ) { _ = try AudioEncoder.load(folder) }
    }
  }

  @Test func aCheckpointOfFairseqWithOneIsRefused() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("x.pt")
      try AudioEncoder.random(.tiny).saveFairseq(to: url)
      var bytes = try Data(contentsOf: url)
      // The numbers of storage 3 begin behind its name and an extra field, at a multiple of 64.
      let mark = try #require(bytes.range(of: Data("x/data/3".utf8)))
      let place = (mark.upperBound + 4 + 63) / 64 * 64
      bytes.replaceSubrange(place..<place + 4, with: [0, 0, 0xC0, 0x7F])
      try bytes.write(to: url)
      expectError("x.pt: tensor '", "holds nan at [0") { _ = try AudioEncoder.load(url) }
    }
  }

  @Test func headsWithOneAreRefused() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("heads.safetensors")
      let weight = Tensor([1, .nan, 3, 4], shape: [2, 2])
      try SafeTensors.write(["spectrum.projection.weight": weight], to: url)
      expectError("heads.safetensors: tensor 'spectrum.projection.weight' holds nan at [0, 1]") {
        _ = try PretrainingHeads(contentsOf: url)
      }
      expectError("heads.safetensors: is not written") {
        try PretrainingHeads(["spectrum.projection.weight": weight]).write(to: url)
      }
    }
  }

  @Test func noModelWithOneIsWritten() throws {
    try withTemporaryFolder { folder in
      let sound = try AudioEncoder.random(.tiny)
      try sound.save(to: folder)
      expectError(
        "is not written, as '\(Self.path)' of the model holds nan at [1, 1]",
        "take an earlier checkpoint"
      ) { try Self.spoiled(.nan).save(to: folder) }
      #expect(try AudioEncoder.load(folder).parameterCount == sound.parameterCount)
      let file = folder.appendingPathComponent("x.pt")
      expectError("x.pt: is not written") { try Self.spoiled(.infinity).saveFairseq(to: file) }
      #expect(!FileManager.default.fileExists(atPath: file.path))
    }
  }

  /// Finite weights may be so large that states are not.
  @Test func statesThatAreNotFiniteNameTheLayer() throws {
    let encoder = try Self.spoiled(3e38)
    let samples = (0..<200).map { sin(Float($0)) }
    let states = try encoder.stackedHiddenStates(of: samples)
    expectError("layer 2 yields a state that is not finite at frame 0") {
      try encoder.checkFinite(states)
    }
    let second = try encoder.stackedHiddenStates(of: samples, layers: [2])
    expectError("layer 2 yields") { try encoder.checkFinite(second, layers: [2]) }
    try encoder.checkFinite(encoder.stackedHiddenStates(of: samples, layers: [0, 1]))
  }
}
