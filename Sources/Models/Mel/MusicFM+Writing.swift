import Files
import Foundation
import Models
import Tensor

extension MusicFM {
  /// Writes the checkpoint and the file of its statistics, which a crash leaves both old or both new.
  static func write(_ encoder: MelEncoder, to url: URL) throws {
    let statistics = try MusicFMForm(encoder).statistics
    try encoder.state.checkFinite(beforeWriting: url)
    let tensors = MuQNames.export(encoder) + MusicFMForm.unread(by: encoder)
    let items = tensors.map { (key: $0.name, value: TorchValue.tensor($0.tensor)) }
    let (name, statisticsName) = (url.lastPathComponent, statisticsFile(of: url).lastPathComponent)
    let writer = JSONEncoder()
    writer.outputFormatting = .sortedKeys
    let json = try writer.encode(statistics)
    try AtomicFolder.replace([statisticsName, name], in: url.deletingLastPathComponent()) { aside in
      try AtomicFile.write(json, to: aside.appendingPathComponent(statisticsName))
      try TorchFile.write(
        .dictionary([("state_dict", .dictionary(items))]), to: aside.appendingPathComponent(name))
    }
  }
}

/// What `MusicFM25Hz` has beside a front end's channels, a width and a number of layers, which it takes as arguments.
private struct MusicFMForm {
  /// Mean and deviation of the mel frames.
  let statistics: [String: Float]

  /// - Throws: `ModelError.setting` if MusicFM does not compute the same.
  init(_ encoder: MelEncoder) throws(ModelError) {
    statistics = try MuQConfig(encoder, as: "MusicFM").stat
    let (config, published) = (encoder.config, MelEncoder.Config())
    func expect(_ isSame: Bool, _ name: String, _ allowed: String) throws(ModelError) {
      if !isSame { throw .setting("encoder.\(name)", problem: "MusicFM has \(allowed) alone") }
    }
    try expect(
      config.input.hopLength == published.input.hopLength, "input.hopLength", "240 samples")
    try expect(
      config.frontEnd.chosen.timeStrides == [2, 2], "frontEnd.residual.timeStrides",
      "strides of 2 and 2")
    try expect(config.heads == published.heads, "heads", "16 heads")
    try expect(config.feedForwardWidth == published.feedForwardWidth, "feedForwardWidth", "4096")
    try expect(config.kernel == published.kernel, "kernel", "31 taps")
    try expect(config.rotary.base == published.rotary.base, "rotary", "a base of 10,000")
  }

  /// Taps and groups of the positional convolution, and the sizes of head and quantiser.
  private static let (taps, groups) = (128, 16)
  private static let (codes, codeWidth, stackedFrames) = (4096, 16, 4)

  /// Tensors that its loader asks for: the window and bands of the mel frames and the angles of the layers, as they
  /// are here, and what hidden states do not depend on, as zeros.
  static func unread(by encoder: MelEncoder) -> [(name: String, tensor: Tensor)] {
    let config = encoder.config
    let width = config.width
    let position = "conformer.pos_conv_embed.conv"
    let quantizer = "quantizer_melspec_2048_0"
    let inputs = config.input.bands * stackedFrames
    let tensors: [(String, Tensor)] = [
      ("cls_token", .zeros([width])),
      (MuQNames.frequencies, Tensor(config.rotary.frequencies(depth: width / config.heads))),
      // A weight is divided by its norm, which must not be 0.
      ("\(position).weight_g", .zeros([1, 1, taps])),
      ("\(position).weight_v", .ones([width, width / groups, taps])),
      ("\(position).bias", .zeros([width])),
      ("linear.weight", .zeros([codes, width])), ("linear.bias", .zeros([codes])),
      ("\(quantizer).random_projection", .zeros([inputs, codeWidth])),
      ("\(quantizer).codebook", .zeros([codes, codeWidth])),
    ]
    let all = tensors + MuQNames.transform.tensors(of: encoder).map { ($0.name, $0.tensor) }
    return all.map { (name: MuQNames.prefix + $0.0, tensor: $0.1) }
  }
}
