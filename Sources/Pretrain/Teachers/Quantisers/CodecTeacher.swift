import Audio
import Models
import Tensor

/// A neural codec that labels each of its frames with the codes of its residual quantiser, a label set for each
/// codebook: MERT's acoustic teacher.
///
/// A file is read and encoded piece by piece, so memory does not grow with its length; its codes are those of the
/// whole file.
///
/// Source: Li et al. 2023 (MERT), 3.2: EnCodec at 24 kHz and 6 kbit/s, eight codebooks. There a file is encoded in one
/// pass.
public struct CodecTeacher: LabelTeacher {
  private let coder: CodecCoder
  private let codebooks: Int

  /// - Parameters:
  ///   - codec: The codec, mono.
  ///   - codebooks: How many of its codebooks label, from the first on.
  ///   - precision: What it computes in.
  /// - Throws: `ModelError.setting` if the codec is not mono, or has fewer codebooks.
  public init(
    _ codec: Codec, codebooks: Int, precision: Precision = .fp32
  ) throws(ModelError) {
    try Self.check(codec.config, codebooks: codebooks)
    (coder, self.codebooks) = (CodecCoder(codec, precision: precision), codebooks)
  }

  /// Checks that a codec of this configuration can label.
  /// - Throws: `ModelError.setting` if it is not mono, or has fewer codebooks.
  public static func check(_ config: Codec.Config, codebooks: Int) throws(ModelError) {
    guard config.channels == 1 else {
      throw .setting(
        "channels", problem: "the codec takes \(config.channels), and collections are read in mono")
    }
    let most = config.quantizer.codebooks
    guard (1...most).contains(codebooks) else {
      throw .setting("codebooks", problem: "the codec has \(most), not \(codebooks)")
    }
  }

  /// Those of the codec.
  public var codebookSizes: [Int] {
    Array(repeating: coder.config.quantizer.codes, count: codebooks)
  }

  /// Nothing: the codec lies where it was read.
  public var tensors: [String: Tensor] { [:] }

  /// The codes of one file, `[codebooks, ⌈samples / stride⌉]`.
  /// - Throws: `ModelError.file` if the codec yields numbers that are not finite.
  /// - Traps when: the collection has another sample rate than the codec.
  public func codes(of file: Int, in audio: any AudioSource) throws -> Tensor {
    precondition(
      audio.sampleRate == coder.config.sampleRate,
      "CodecTeacher: audio at \(audio.sampleRate) Hz, a codec at \(coder.config.sampleRate) Hz")
    var reader = try audio.reader(file: file)
    var encoding = coder.encoding(codebooks: codebooks)
    var parts: [Tensor] = []
    do {
      while let samples = try reader.next() { parts.append(try encoding.append(samples)) }
      return .concatenated(parts + [try encoding.finish()], axis: 1)
    } catch ModelError.waveform(let problem) {
      throw ModelError.file(audio.files[file].path, problem: problem)
    }
  }
}
