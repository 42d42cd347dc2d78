import Files
import Foundation
import MelModels
import Models
import Tensor
import TestSupport
import Testing

/// Checkpoints of MusicFM as they are written; `MuQTests` reads one of its own code.
@Suite struct MusicFMTests {
  /// The smallest that `MusicFM25Hz` can build: heads, taps and inner channels are the published ones.
  private static var config: MelEncoder.Config {
    var config = MelEncoder.Config()
    var frontEnd = ResidualSubsampling.Config()
    frontEnd.channels = 2
    config.frontEnd.residual = frontEnd
    (config.width, config.layers) = (32, 1)
    return config
  }

  private static func encoder() throws -> MelEncoder {
    var encoder = try MelEncoder.random(config)
    (encoder.input.mean, encoder.input.deviation) = (Tensor([6.75]), Tensor([18.4]))
    return encoder
  }

  @Test func aCheckpointGoesThroughUnchanged() throws {
    let encoder = try Self.encoder()
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("pretrained_msd.pt")
      try encoder.saveMusicFM(to: file)
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      #expect(names == ["msd_stats.json", "pretrained_msd.pt"])
      let again = try MelEncoder.load(file)
      expectSame(again, encoder, but: ["maskEmbedding"])
      let copy = folder.appendingPathComponent("other.pt")
      try again.saveMusicFM(to: copy)
      let statistics = try ["msd", "other"].map {
        try Data(contentsOf: folder.appendingPathComponent("\($0)_stats.json"))
      }
      #expect(statistics[0] == statistics[1])
      expectSame(try MelEncoder.load(copy), again)
    }
  }

  /// Every tensor of `MusicFM25Hz`, of its shape; PyTorch counts the batches of a norm itself.
  @Test func theCheckpointHasAllThatTheLoaderAsksFor() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("pretrained_msd.pt")
      try Self.encoder().saveMusicFM(to: file)
      let root = try TorchFile(contentsOf: file).root["state_dict"]!
      let shapes = Dictionary(
        uniqueKeysWithValues: root.keys.map { ($0, root[$0]!.tensor!.shape) })
      for (name, shape) in [
        ("cls_token", [32]), ("linear.weight", [4096, 32]), ("linear.bias", [4096]),
        ("conformer.pos_conv_embed.conv.weight_g", [1, 1, 128]),
        ("conformer.pos_conv_embed.conv.weight_v", [32, 2, 128]),
        ("conformer.pos_conv_embed.conv.bias", [32]), ("conformer.embed_positions.inv_freq", [1]),
        ("quantizer_melspec_2048_0.random_projection", [512, 16]),
        ("quantizer_melspec_2048_0.codebook", [4096, 16]),
        ("preprocessor_melspec_2048.mel_stft.spectrogram.window", [2048]),
        ("preprocessor_melspec_2048.mel_stft.mel_scale.fb", [1025, 128]),
        ("conv.conv.1.bn3.running_var", [2]), ("conv.linear.weight", [32, 64]),
        ("conformer.layers.0.conv_module.depthwise_conv.weight", [32, 1, 31]),
      ] {
        #expect(shapes["model." + name] == shape, "\(name)")
      }
      #expect(shapes.count == 84)
    }
  }

  /// Used: 316,343,296 of the encoder and the head. Dead: the positional convolution and the class token.
  @Test func theCountsAreThoseOfThePublishedFiles() {
    let config = MelEncoder.Config()
    for (codes, codebooks, head, total) in [
      (4096, 1, 4_198_400, 328_932_480), (1024, 8, 8_396_800, 333_130_880),
    ] {
      let counts = config.publishedCounts(codes: codes, codebooks: codebooks)
      #expect(counts.encoder == 316_343_296 && counts.head == head)
      #expect(counts.positionalConvolution == 8_389_760 && counts.classToken == 1024)
      #expect(counts.used + counts.dead == total && counts.total == total)
    }
  }

  @Test(arguments: [
    ("heads", "16 heads"), ("feedForwardWidth", "4096"),
    ("kernel", "31 taps"), ("rotary", "a base of 10,000"), ("input.hopLength", "240 samples"),
    ("frontEnd.residual.timeStrides", "strides of 2 and 2"), ("convolutionNorm", "batch norm"),
  ])
  func whatItHasNotIsNotWrittenAsIt(setting: String, problem: String) throws {
    var config = Self.config
    switch setting {
    case "heads": config.heads = 8
    case "feedForwardWidth": config.feedForwardWidth = 64
    case "kernel": config.kernel = 5
    case "rotary": config.rotary.base = 500
    case "input.hopLength": config.input.hopLength = 320
    case "convolutionNorm": config.convolutionNorm = .layer
    default: config.frontEnd.residual!.timeStrides = [2, 1]
    }
    let encoder = try MelEncoder.random(config)
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("pretrained_msd.pt")
      expectError("encoder.\(setting): MusicFM has", problem) {
        try encoder.saveMusicFM(to: file)
      }
      let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(files.isEmpty)
    }
  }
}
