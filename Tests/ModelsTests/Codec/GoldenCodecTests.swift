import Files
import Foundation
import Models
import Tensor
import TestSupport
import Testing

/// Tiny codecs of each kind against `transformers` and the original code, see Golden/codec_models.py.
@Suite struct GoldenCodecTests {
  @Test(arguments: GoldenCodec.names)
  func codes(name: String) throws {
    let golden = try GoldenCodec(name)
    let count = golden.codec.config.quantizer.codebooks
    for length in GoldenCodec.lengths {
      let coded = try golden.codec.codes(of: golden.waveform(length), codebooks: count)
      let expected = try golden.expected.tensor("codes.\(length)")
      #expect(coded.codes.shape == expected.shape, "\(length) samples")
      let latents = golden.codec.latents(of: golden.batch(length), in: .evaluating())
      try expectCodes(
        coded.codes, expected, of: latents.removingAxis(0), by: golden.codec.quantizer,
        "\(name), \(length) samples")
      #expect(coded.samples == length)
      if golden.codec.config.normalizesLoudness {
        let scales = Tensor(coded.scales)
        expectClose(scales, try golden.expected.tensor("scales.\(length)").reshaped(scales.shape))
      }
    }
  }

  @Test(arguments: GoldenCodec.names.filter { $0 != "chunks" })
  func latents(name: String) throws {
    let golden = try GoldenCodec(name)
    for length in GoldenCodec.lengths {
      let latents = golden.codec.latents(of: golden.batch(length), in: .evaluating())
      expectClose(
        latents.removingAxis(0), try golden.expected.tensor("latents.\(length)"), relative: 1e-5)
    }
  }

  /// Within 1e-5; the decoder of the golden codecs is a few layers deep.
  @Test(arguments: GoldenCodec.names)
  func decodedAudio(name: String) throws {
    let golden = try GoldenCodec(name)
    let config = golden.codec.config
    for length in GoldenCodec.lengths {
      let coded = CodedAudio(
        codes: try golden.expected.tensor("codes.\(length)"),
        scales: config.normalizesLoudness
          ? try golden.expected.tensor("scales.\(length)").scalars : [],
        samples: length)
      let samples = try golden.codec.samples(of: coded)
      let audio = Tensor(samples, shape: [length, config.channels])
      let ends =
        length <= 800 ? audio : .concatenated([audio[..<400], audio[(length - 400)...]], axis: 0)
      expectClose(ends, try golden.expected.tensor("decoded.\(length)"), relative: 1e-5)
    }
  }

  /// The whole waveform in one pass, as a training step computes it.
  @Test(arguments: ["causal", "not-causal", "zeros", "original"])
  func decodedAudioInOnePass(name: String) throws {
    let golden = try GoldenCodec(name)
    let codes = try golden.expected.tensor("codes.321")
    let latents = golden.codec.quantizer.latents(of: codes.permuted([1, 0])).insertingAxis(at: 0)
    let audio = golden.codec.waveform(of: latents, samples: 321, in: .evaluating())
    expectClose(audio.removingAxis(0), try golden.expected.tensor("decoded.321"), relative: 1e-5)
  }

  // MARK: traps

  /// The LSTM's input is added to its output.
  @Test(arguments: ["causal", "not-causal", "chunks", "zeros"])
  func theLSTMAddsItsInput(name: String) throws {
    let golden = try GoldenCodec(name)
    let lstm = try #require(golden.codec.encoder.lstm)
    expectClose(
      lstm(try golden.expected.tensor("lstm.input")), try golden.expected.tensor("lstm.output"))
  }

  /// The gain of a transposed convolution's weight belongs to a channel that enters.
  @Test(arguments: ["causal", "not-causal", "zeros", "original"])
  func theWeightOfATransposedConvolutionIsNormedPerInputChannel(name: String) throws {
    let golden = try GoldenCodec(name)
    var conv = golden.codec.decoder.stages[0].lengthening
    // Fed with one channel at a time, a transposed convolution shows its weight.
    let expected = try golden.expected.tensor("transposed.weight")
    let (inputs, kernel) = (expected.shape[0], expected.shape[1])
    conv.bias = .zeros(conv.bias.shape)
    for channel in 0..<inputs {
      var x = Tensor.zeros([1, 3, inputs])
      x.update { $0[inputs + channel] = 1 }
      let y = conv(x).removingAxis(0)
      let first = conv.stride - conv.trimming.left
      let seen = max(0, -first)..<min(kernel, y.shape[0] - first)
      expectClose(
        y[seen.lowerBound + first..<seen.upperBound + first],
        expected[channel..<channel + 1].removingAxis(0)[seen])
    }
  }

  /// A convolution of taps 1, 2, 3, ... over every short signal: how its ends are continued.
  @Test(arguments: ["causal", "not-causal", "zeros"])
  func paddingOfShortSignals(name: String) throws {
    let golden = try GoldenCodec(name)
    for (kernel, stride, dilation) in [(7, 1, 1), (4, 2, 1), (10, 5, 1), (3, 1, 4), (3, 2, 1)] {
      var stream = RandomStream(seed: 1, purpose: .initialisation)
      var conv = CodecConvolution(
        from: 1, to: 1, kernel: kernel, stride: stride, dilation: dilation, golden.codec.config,
        using: &stream)
      conv.weight = .counting([1, kernel, 1])
      (conv.gain, conv.bias) = (nil, .zeros([1]))
      for length in 1...12 {
        let x = Tensor(golden.waveform(length), shape: [1, length, 1])
        let expected = try golden.expected.tensor("conv.\(kernel).\(stride).\(dilation).\(length)")
        expectClose(conv(x).removingAxis(0), expected, relative: 1e-6)
      }
    }
  }

  /// Which end of a transposed convolution's result is cut off, and how much.
  @Test(arguments: ["causal", "not-causal", "zeros"])
  func trimming(name: String) throws {
    let golden = try GoldenCodec(name)
    for stride in [2, 3, 5] {
      var stream = RandomStream(seed: 1, purpose: .initialisation)
      var conv = CodecTransposedConvolution(
        from: 1, to: 1, stride: stride, golden.codec.config, using: &stream)
      conv.weight = .counting([1, 2 * stride, 1])
      (conv.gain, conv.bias) = (nil, .zeros([1]))
      let x = Tensor(golden.waveform(4), shape: [1, 4, 1])
      expectClose(
        conv(x).removingAxis(0), try golden.expected.tensor("trim.\(stride)"), relative: 1e-6)
    }
  }
}

extension Tensor {
  /// 1, 2, 3, ...
  fileprivate static func counting(_ shape: Shape) -> Tensor {
    Tensor((0..<shape.elementCount).map { Float($0 + 1) }, shape: shape)
  }
}

/// Equal codes, but for frames where two entries are equally near: there another CPU, which rounds in another
/// order, may choose the other, and later codebooks follow. At most one frame, or one in a hundred.
private func expectCodes(
  _ found: Tensor, _ expected: Tensor, of latents: Tensor, by quantizer: ResidualQuantizer,
  _ name: Comment
) throws {
  let (books, frames) = (found.shape[0], found.shape[1])
  let (mine, theirs) = (found.integers, expected.integers)
  let other = (0..<frames).filter { frame in
    (0..<books).contains { mine[$0 * frames + frame] != theirs[$0 * frames + frame] }
  }
  #expect(other.count <= max(1, frames / 100), name)
  for frame in other {
    let book = try #require(
      (0..<books).first { mine[$0 * frames + frame] != theirs[$0 * frames + frame] })
    var residual = latents[frame..<frame + 1]
    for earlier in 0..<book {
      residual = residual - quantizer.vector(earlier, mine[earlier * frames + frame])
    }
    let distances = [mine, theirs].map {
      (residual - quantizer.vector(book, $0[book * frames + frame])).sumOfSquares()
    }
    #expect(abs(distances[0] / distances[1] - 1) < 1e-5, name)
  }
}

extension ResidualQuantizer {
  fileprivate func vector(_ book: Int, _ code: Int32) -> Tensor {
    codebooks[book].vectors[Int(code)..<Int(code) + 1]
  }
}
