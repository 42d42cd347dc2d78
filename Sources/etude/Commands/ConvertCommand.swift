import ArgumentParser
import Files
import Foundation
import MelModels
import Models
import Tensor

/// `etude convert`: a model becomes a folder that `transformers` opens, a checkpoint of fairseq, or a model of another
/// program.
struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Convert a model between the formats of fairseq, Hugging Face and etude.",
    discussion: """
      Reads a checkpoint folder of etude, a Hugging Face folder (config.json with model.safetensors or \
      pytorch_model.bin, in one file or several) or a .pt file of fairseq: HuBERT, MERT and data2vec \
      audio. Numbers of 16 bits become float32.

      Writes a folder with config.json, model.safetensors and preprocessor_config.json, which \
      transformers' AutoModel opens. With --to mert they have the form of m-a-p's MERT, whose code has \
      to be put beside them. If the name ends in .pt, writes a checkpoint of fairseq.

      A model over mel frames (melEncoder of a recipe, MuQ, MusicFM, OMAR-RQ, MERT-v2) becomes a folder \
      of etude; with --to muq one that MuQ.from_pretrained opens, with --to omar-rq one for \
      omar_rq.get_model, with --to mert-v2 one of MERT-v2. If the name ends in .pt, writes a checkpoint \
      of MusicFM and, beside it, its statistics. What these do not compute is refused.

      Heads of pre-training are converted, too: to heads.safetensors beside the model, or to fairseq's \
      names. Tensors without a counterpart are left out and named. Pickles are read and never run: \
      anything but a checkpoint's data is refused.

      Examples, after that of 'etude pretrain --help':
        etude convert runs/mert/checkpoints/step-1400 mert.pt
        etude convert mert.pt mert-again
      """)

  @Argument(help: ArgumentHelp("Folder or .pt file to read.", valueName: "in"))
  var input: String

  @Argument(
    help: ArgumentHelp("Folder to write, or .pt file; not there yet.", valueName: "out"))
  var output: String

  @Option(
    help: """
      The form of the folder: transformers or mert; of a model over mel frames etude, muq, omar-rq or \
      mert-v2. The first of them unless given.
      """)
  var to: ConvertedForm?

  @Flag(help: "Leave the heads of pre-training out.")
  var withoutHeads = false

  private var target: URL { URL(fileURLWithPath: output) }
  private var source: URL { URL(fileURLWithPath: input) }
  private var isFile: Bool { target.pathExtension == "pt" }

  func validate() throws {
    try requirePath(output)
    guard !["bin", "safetensors"].contains(target.pathExtension) else {
      throw ValidationError(
        "\(output): a folder is written, or a .pt file, not one ending in .\(target.pathExtension)")
    }
    if isFile, let to, to != .transformers {
      throw ValidationError("\(output): --to \(to.rawValue) writes a folder, not a .pt file")
    }
  }

  func run() throws {
    try requireNew()
    if isFile { try FileTarget.check(target.path, seeking: true) }
    try Encoders.holdsMelEncoder(source) ? try convertMelEncoder() : try convertAudioEncoder()
  }

  /// Nothing that is there is replaced: not another model's weights either.
  private func requireNew() throws {
    let isMusicFM = try isFile && Encoders.holdsMelEncoder(source)
    let statistics = isMusicFM ? [MusicFM.statisticsFile(of: target)] : []
    for existing in [target] + statistics where try Presence.kind(of: existing.path) != nil {
      if try !isFile && Presence.names(in: target)?.isEmpty == true { continue }
      throw ModelError.file(existing.path, problem: "is there already; give a new name")
    }
  }

  private func convertAudioEncoder() throws {
    guard let form = (to ?? .transformers).ofAudioEncoders else {
      throw refusal("a model over the waveform, which has the forms transformers and mert")
    }
    let source = try ModelSource(source)
    let encoder = try source.encoder()
    let heads = withoutHeads ? PretrainingHeads() : try source.heads()
    if isFile {
      try encoder.saveFairseq(heads: heads, to: target)
    } else {
      try ModelFolder.write(encoder, heads: heads, to: target, as: form)
    }
    for name in source.leftOut { print("left out \(name)") }
    report(encoder.parameterCount, heads)
  }

  private func convertMelEncoder() throws {
    let form = to ?? .etude
    guard isFile || form.ofAudioEncoders == nil else {
      throw refusal("a model over mel frames, which has the forms etude, muq, omar-rq and mert-v2")
    }
    let encoder = try MelEncoder.load(source)
    let heads = withoutHeads ? PretrainingHeads() : try Encoders.heads(of: source)
    switch form {
    case _ where isFile: try encoder.saveMusicFM(to: target)
    case .muQ: try encoder.saveMuQ(to: target)
    case .mert2: try encoder.saveMERT2(to: target)
    case .omarRQ: try encoder.saveOMARRQ(to: target)
    default:
      try encoder.save(to: target)
      if !heads.isEmpty { try heads.write(to: target.appendingPathComponent("heads.safetensors")) }
      return report(encoder.parameterCount, heads)
    }
    if !heads.isEmpty { print("left out the heads of pre-training") }
    print("left out the mask embedding")
    report(encoder.parameterCount - encoder.config.width, PretrainingHeads())
    if isFile || form == .muQ { reportUnusedParts(of: encoder.config) }
  }

  /// What the totals of published files of MusicFM and MuQ have besides.
  private func reportUnusedParts(of config: MelEncoder.Config) {
    let counts = config.publishedCounts(codes: 1)
    print(
      "no pass uses \(counts.positionalConvolution) parameters of a positional convolution and "
        + "\(counts.classToken) of a class token that published files have besides")
  }

  private func refusal(_ kind: String) -> ModelError {
    .file(input, problem: "is \(kind); choose one of them with --to, and a folder to write")
  }

  private func report(_ parameters: Int, _ heads: PretrainingHeads) {
    let count = heads.tensors.values.reduce(0) { $0 + $1.elementCount }
    let more = heads.isEmpty ? "" : ", and \(count) of its heads"
    print("wrote \(output): \(parameters) parameters\(more)")
  }
}

/// Whose model `etude convert` writes.
enum ConvertedForm: String, CaseIterable, ExpressibleByArgument {
  case transformers, mert, etude
  case muQ = "muq"
  case omarRQ = "omar-rq"
  case mert2 = "mert-v2"

  /// The form of an encoder of the waveform; nil if it is none of its forms.
  var ofAudioEncoders: ModelFolder.Form? {
    switch self {
    case .transformers: .transformers
    case .mert: .mert
    default: nil
    }
  }
}
