import Models
import Tensor
import TestSupport
import Testing

/// Files of any length: the codes are those of the whole file, whatever the pieces.
@Suite struct CodecStreamingTests {
  private static let samples = 30_011

  private static func audio(_ config: Codec.Config) -> [Float] {
    let noise = Tensor.normal([samples * config.channels], seed: 3).scalars
    return noise.map { max(-1, min(1, $0 * 0.3)) }
  }

  @Test(arguments: Codec.Config.tiny)
  func piecesChangeNoCode(config: Codec.Config) throws {
    let coder = CodecCoder(.random(config))
    let audio = Self.audio(config)
    let whole = try coder.codes(of: audio, codebooks: 4)
    #expect(whole.codes.shape == [4, config.frameCount(samples: Self.samples)])
    for piece in [997, 4_000, 29_999] {
      var encoding = coder.encoding(codebooks: 4)
      var parts: [Tensor] = []
      for start in stride(from: 0, to: audio.count, by: piece * config.channels) {
        let end = min(start + piece * config.channels, audio.count)
        parts.append(try encoding.append(Array(audio[start..<end])))
      }
      parts.append(try encoding.finish())
      #expect(Tensor.concatenated(parts, axis: 1).integers == whole.codes.integers, "\(piece)")
      #expect(encoding.scales == whole.scales)
    }
  }

  /// Latents of the whole signal in one pass, whose products have other shapes, quantise to the same codes.
  @Test(arguments: Codec.Config.tiny.filter { $0.chunkSeconds == nil })
  func stretchesEqualOnePass(config: Codec.Config) throws {
    let codec = Codec.random(config)
    let audio = Self.audio(config)
    let latents = codec.latents(
      of: Tensor(audio, shape: [1, Self.samples, config.channels]), in: .evaluating())
    let codes = codec.quantizer.codes(of: latents.removingAxis(0), codebooks: 4)
    let streamed = try codec.codes(of: audio, codebooks: 4)
    let differing = zip(codes.permuted([1, 0]).integers, streamed.codes.integers).count { $0 != $1 }
    #expect(differing == 0, "of \(codes.elementCount)")
  }

  @Test(arguments: Codec.Config.tiny)
  func piecesChangeNoSample(config: Codec.Config) throws {
    let coder = CodecCoder(.random(config))
    let coded = try coder.codes(of: Self.audio(config), codebooks: 3)
    let whole = try coder.samples(of: coded)
    #expect(whole.count == Self.samples * config.channels)
    for piece in [1, 130, 700] {
      var decoding = coder.decoding(samples: coded.samples, scales: coded.scales)
      var samples: [Float] = []
      for start in stride(from: 0, to: coded.codes.shape[1], by: piece) {
        let end = min(start + piece, coded.codes.shape[1])
        samples += try decoding.append(coded.codes.sliced(axis: 1, start..<end))
      }
      samples += try decoding.finish()
      #expect(samples.map(\.bitPattern) == whole.map(\.bitPattern), "\(piece)")
    }
  }

  @Test(arguments: Codec.Config.tiny.filter { $0.chunkSeconds == nil })
  func decodedStretchesEqualOnePass(config: Codec.Config) throws {
    let codec = Codec.random(config)
    let coded = try codec.codes(of: Self.audio(config), codebooks: 4)
    let latents = codec.quantizer.latents(of: coded.codes.permuted([1, 0])).insertingAxis(at: 0)
    let onePass = codec.waveform(of: latents, samples: Self.samples, in: .evaluating())
    expectClose(Tensor(try codec.samples(of: coded), shape: onePass.shape), onePass, relative: 1e-5)
  }

  @Test func firstCodesDoNotDependOnHowManyFollow() throws {
    let codec = Codec.random(.tinyCausal)
    let audio = Self.audio(.tinyCausal)
    let (two, four) = (
      try codec.codes(of: audio, codebooks: 2), try codec.codes(of: audio, codebooks: 4)
    )
    #expect(four.codes[..<2].integers == two.codes.integers)
  }

  /// In a process of its own, because the number of threads is the process's.
  @Test func threadsChangeNoBit() async {
    await #expect(processExitsWith: .success) {
      for var config in [Codec.Config.tinyCausal, .tinyChunks] {
        config.filters = 17
        let codec = Codec.random(config)
        var first: [UInt32]?
        for threads in [1, 2, 3, 5] {
          Cores.count = threads
          let coded = try codec.codes(of: Self.audio(config), codebooks: 4)
          let bits =
            try codec.samples(of: coded).map(\.bitPattern) + coded.codes.integers.map(UInt32.init)
          precondition(first.map { $0 == bits } ?? true, "\(threads) threads")
          first = bits
        }
      }
    }
  }

  @Test func bfloat16KeepsMostCodes() throws {
    let codec = Codec.random(.tinyNotCausal)
    let audio = Self.audio(.tinyNotCausal)
    let exact = try codec.codes(of: audio, codebooks: 1).codes.integers
    let rounded = try codec.codes(of: audio, codebooks: 1, precision: .bf16).codes.integers
    let equal = zip(exact, rounded).count { $0 == $1 }
    #expect(equal > exact.count * 9 / 10, "\(equal) of \(exact.count)")
  }

  @Test func oddAudioIsRefused() throws {
    let codec = Codec.random(.tinyChunks)
    expectError("no sample") { _ = try codec.codes(of: [], codebooks: 1) }
    expectError("3 samples", "2 channels") { _ = try codec.codes(of: [0, 0, 0], codebooks: 1) }
    expectError("not finite") { _ = try codec.codes(of: [.nan, 0], codebooks: 1) }
  }

  @Test func oddCodesAreRefused() throws {
    let codec = Codec.random(.tinyCausal)
    let coded = try codec.codes(of: Self.audio(.tinyCausal), codebooks: 2)
    func changed(_ change: (inout CodedAudio) -> Void) throws {
      var copy = coded
      change(&copy)
      _ = try codec.samples(of: copy)
    }
    for samples in [0, coded.samples + 20, coded.samples - 20, 1 << 39, .max, -1] {
      expectError(samples < 0 || samples == .max ? "is no number of samples" : "frames of codes") {
        try changed { $0.samples = samples }
      }
    }
    expectError("1 scales") { try changed { $0.scales = [1] } }
    expectError("code 16", "16 entries") {
      try changed { $0.codes.update(as: Int32.self) { $0[5] = 16 } }
    }
    expectError("code -1") { try changed { $0.codes.update(as: Int32.self) { $0[5] = -1 } } }
  }
}
