import ArgumentParser
import Files
import Foundation
import Models
import Tensor

/// `etude convert`: a model becomes a folder that `transformers` opens, or a checkpoint of fairseq.
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

  @Option(help: "The form of the folder: transformers or mert.")
  var to = ModelFolder.Form.transformers

  @Flag(help: "Leave the heads of pre-training out.")
  var withoutHeads = false

  private var target: URL { URL(fileURLWithPath: output) }
  private var isFairseq: Bool { target.pathExtension == "pt" }

  func validate() throws {
    guard !["bin", "safetensors"].contains(target.pathExtension) else {
      throw ValidationError(
        "\(output): a folder is written, or a .pt file, not one ending in .\(target.pathExtension)")
    }
    if isFairseq, to == .mert {
      throw ValidationError("\(output): --to mert writes a folder, not a .pt file")
    }
  }

  func run() throws {
    let existing = isFairseq ? target : target.appendingPathComponent("config.json")
    guard try Presence.kind(of: existing.path) == nil else {
      throw ModelError.file(existing.path, problem: "is there already; give a new name")
    }
    if isFairseq { try FileTarget.check(target.path, seeking: true) }
    let source = try ModelSource(URL(fileURLWithPath: input))
    let encoder = try source.encoder()
    let heads = withoutHeads ? PretrainingHeads() : try source.heads()
    if isFairseq {
      try encoder.saveFairseq(heads: heads, to: target)
    } else {
      try ModelFolder.write(encoder, heads: heads, to: target, as: to)
    }
    report(encoder, heads, leftOut: source.leftOut)
  }

  private func report(_ encoder: AudioEncoder, _ heads: PretrainingHeads, leftOut: [String]) {
    for name in leftOut { print("left out \(name)") }
    let count = heads.tensors.values.reduce(0) { $0 + $1.elementCount }
    let more = heads.isEmpty ? "" : ", and \(count) of its heads"
    print("wrote \(output): \(encoder.parameterCount) parameters\(more)")
  }
}

extension ModelFolder.Form: ExpressibleByArgument {}
