import Files
import Foundation
import Tensor

/// A folder with a model as `transformers` keeps it: `config.json`, `model.safetensors`,
/// `preprocessor_config.json`, and beside it the heads of its pre-training in `heads.safetensors`.
///
/// `AutoModel.from_pretrained` opens what `write` writes, without remote code and without a warning.
public enum ModelFolder {
  /// Whose model a folder holds.
  public enum Form: String, Sendable, CaseIterable {
    /// HuBERT or data2vec of `transformers`; MERT if neither computes the same.
    case transformers
    /// MERT as `m-a-p` publishes it; `transformers` needs its two files of code in the folder.
    case mert
  }

  /// Writes an encoder. A model that is there already, of whatever form, is replaced as a whole, its heads too; other
  /// files in the folder stay.
  ///
  /// The files are written aside first. Then the old `config.json` goes and the new one comes last, so that
  /// a folder never holds parts of two models that could be read as one.
  /// - Parameters:
  ///   - encoder: The model.
  ///   - heads: Of its pre-training.
  ///   - folder: Made if it is not there.
  ///   - form: Whose model it becomes.
  /// - Throws: `ModelError.setting` if no model of that form computes the same,
  ///   `ModelError.file` if a number of the model is NaN or infinite, `FileError` if a file cannot be
  ///   written.
  public static func write(
    _ encoder: AudioEncoder, heads: PretrainingHeads = PretrainingHeads(), to folder: URL,
    as form: Form = .transformers
  ) throws {
    let json = HuggingFaceConfig.encoder()
    let config = try json.encode(
      HuggingFaceConfig(encoder.config, as: form == .mert ? .mert : nil))
    let preprocessor = try json.encode(PreprocessorConfig(encoder.config))
    try encoder.state.checkFinite(beforeWriting: folder)
    try heads.checkFinite(beforeWriting: folder.appendingPathComponent(headsName))
    let weights = StateDict.export(encoder.state).map { name, tensor in
      (name: StateDict.parametrised(name), tensor: tensor)
    }
    try replaceModel(in: folder) { aside in
      try SafeTensors.write(weights, to: aside.appendingPathComponent(weightsName))
      if !heads.isEmpty { try heads.write(to: aside.appendingPathComponent(headsName)) }
      try AtomicFile.write(preprocessor, to: aside.appendingPathComponent(preprocessorName))
      try AtomicFile.write(config, to: aside.appendingPathComponent(configName))
    }
  }

  /// Replaces the model that a folder holds, of whatever form, by the files that `write` writes.
  ///
  /// The old configurations go before its other files, so that no reader finds a part of it.
  /// - Parameters:
  ///   - folder: Made if it is not there. What is no file of a model stays.
  ///   - config: The file without which no reader opens the new model.
  ///   - write: Writes the files into another folder.
  /// - Throws: `FileError`, or the errors of `write`; the old model is then unchanged.
  package static func replaceModel(
    in folder: URL, openedBy config: String = "config.json", by write: (_ aside: URL) throws -> Void
  ) throws {
    let names = [
      configName, "config.gin", preprocessorName, weightsName, "model.ckpt", headsName,
    ]
    try AtomicFolder.replace(names.filter { $0 != config } + [config], in: folder, by: write)
  }

  /// Reads an encoder that `write`, `transformers` or fairseq wrote, see `ModelSource`.
  ///
  /// - Throws: `ModelError`, naming the file.
  public static func read(_ url: URL) throws -> AudioEncoder { try ModelSource(url).encoder() }

  /// The configuration of the encoder in a folder, without its weights.
  /// - Throws: `ModelError`, naming the file.
  public static func readConfig(_ folder: URL) throws -> AudioEncoder.Config {
    try encoderConfig(readForeignConfig(folder), in: folder)
  }

  /// `config.json` as it stands there.
  static func readForeignConfig(_ folder: URL) throws -> HuggingFaceConfig {
    let url = folder.appendingPathComponent(configName)
    guard try ForeignJSON.modelType(of: url) != EncodecConfig.modelType else {
      throw ModelError.file(
        url.path, problem: "belongs to a codec, which has no hidden states; an encoder is needed")
    }
    return try ForeignJSON.decode(url)
  }

  static func encoderConfig(
    _ foreign: HuggingFaceConfig, in folder: URL
  ) throws -> AudioEncoder.Config {
    do {
      let preprocessor = try readPreprocessor(folder)
      try foreign.checkAgreement(with: preprocessor)
      let config = try foreign.encoderConfig(preprocessor: preprocessor)
      try config.checkFrameArithmetic()
      return config
    } catch ModelError.setting(let name, let problem) {
      let url = folder.appendingPathComponent(configName)
      throw ModelError.file(url.path, problem: "\(name): \(problem)")
    }
  }

  static let weightsName = "model.safetensors"
  static let headsName = "heads.safetensors"
  static let configName = "config.json"
  static let preprocessorName = "preprocessor_config.json"

  private static func readPreprocessor(_ folder: URL) throws -> PreprocessorConfig? {
    let url = folder.appendingPathComponent(preprocessorName)
    return try Presence.kind(of: url.path) != nil ? ForeignJSON.decode(url) : nil
  }
}

extension AudioEncoder {
  /// Reads an encoder from a folder of ours or of `transformers`, or from a checkpoint of fairseq.
  /// - Throws: `ModelError`, naming the file.
  public static func load(_ url: URL) throws -> AudioEncoder { try ModelFolder.read(url) }

  /// Writes this encoder so that `transformers` opens it, see `ModelFolder`.
  public func save(to folder: URL) throws { try ModelFolder.write(self, to: folder) }

  /// Writes this encoder as a checkpoint of fairseq: settings in `cfg`, weights by fairseq's names.
  ///
  /// - Parameters:
  ///   - heads: Of its pre-training.
  ///   - file: The file.
  /// - Throws: `ModelError.setting` or `.tensors` if fairseq has no place for something, `.file` if the
  ///   file cannot be written.
  public func saveFairseq(heads: PretrainingHeads = PretrainingHeads(), to file: URL) throws {
    try FairseqExport.write(self, heads: heads, to: file)
  }
}

extension AudioEncoder.Config {
  /// That the samples of a frame can be counted.
  /// - Throws: `ModelError.setting`.
  func checkFrameArithmetic() throws(ModelError) {
    var samples = 1
    for (kernel, stride) in zip(frontEnd.kernels, frontEnd.strides) {
      let (product, overflow) = samples.multipliedReportingOverflow(by: max(kernel, stride))
      guard !overflow, product < 1 << 40 else {
        throw .setting("conv_stride", problem: "a frame would have more samples than a year")
      }
      samples = product
    }
    guard sampleRate <= 10_000_000 else {
      throw .setting("sampling_rate", problem: "\(sampleRate) Hz is no rate of audio")
    }
  }
}
