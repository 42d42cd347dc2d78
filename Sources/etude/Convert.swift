import ArgumentParser
import Foundation
import Models

/// `etude convert`: another program's model becomes a folder that `transformers` opens.
struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Turn a model of fairseq or Hugging Face into a Hugging Face folder.",
    discussion: """
      Reads a checkpoint folder of etude, a Hugging Face folder (config.json with model.safetensors or \
      pytorch_model.bin, in one file or several) or a .pt file of fairseq: HuBERT, MERT and data2vec \
      audio. Writes config.json, model.safetensors and preprocessor_config.json, which \
      transformers' AutoModel opens as they are. Numbers of 16 bits become float32.

      Heads of pre-training and fine-tuning are left out and named. Files of fairseq are read, not \
      written. Pickles are looked at, never run: what is not a checkpoint's data is refused.

      Example: etude convert hubert_base_ls960.pt runs/hubert-base
      """)

  @Argument(help: ArgumentHelp("Folder or .pt file to read.", valueName: "in"))
  var input: String

  @Argument(help: ArgumentHelp("Folder to write; it must not hold a model yet.", valueName: "out"))
  var output: String

  func validate() throws {
    let ending = URL(fileURLWithPath: output).pathExtension
    guard !["pt", "bin", "safetensors"].contains(ending) else {
      throw ValidationError("\(output): a folder is written, not a file ending in .\(ending)")
    }
  }

  func run() throws {
    let folder = URL(fileURLWithPath: output)
    let config = folder.appendingPathComponent("config.json").path
    guard !FileManager.default.fileExists(atPath: config) else {
      throw ModelError.file(config, problem: "is there already; give the name of a new folder")
    }
    let source = try ModelSource(URL(fileURLWithPath: input))
    let encoder = try source.encoder()
    try encoder.save(to: folder)
    for name in source.leftOut { print("left out \(name)") }
    print("wrote \(output): \(encoder.parameterCount) parameters")
  }
}
