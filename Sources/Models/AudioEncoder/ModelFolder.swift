import Foundation
import Tensor

/// A folder with a model as `transformers` keeps it: `config.json`, `model.safetensors`,
/// `preprocessor_config.json`.
///
/// `AutoModel.from_pretrained` opens what `write` writes, without remote code and without a warning.
public enum ModelFolder {
  /// Writes an encoder; each file appears complete or not at all.
  ///
  /// - Parameter folder: Made if it is not there.
  /// - Throws: `ModelError.setting` if no model of `transformers` computes the same,
  ///   `ModelError.file` if a file cannot be written.
  public static func write(_ encoder: AudioEncoder, to folder: URL) throws {
    let json = HuggingFaceConfig.encoder()
    let config = try json.encode(HuggingFaceConfig(encoder.config))
    let preprocessor = try json.encode(PreprocessorConfig(encoder.config))
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw ModelError.file(folder.path, problem: "cannot be made a folder; is it a file?")
    }
    try SafeTensors.write(
      StateDict.export(encoder.parameters), to: folder.appendingPathComponent(weightsName))
    try AtomicFile.write(preprocessor, to: folder.appendingPathComponent(preprocessorName))
    try AtomicFile.write(config, to: folder.appendingPathComponent(configName))
  }

  /// Reads an encoder that `write` or `transformers` wrote: HuBERT, data2vec audio, MERT.
  ///
  /// - Throws: `ModelError`, naming the file.
  public static func read(_ folder: URL) throws -> AudioEncoder {
    let config = try readConfig(folder)
    let url = folder.appendingPathComponent(weightsName)
    let tensors = try SafeTensors(contentsOf: url).tensors()
    do {
      var blank = BlankGenerator()
      var encoder = try AudioEncoder(config, using: &blank)
      try encoder.load(StateDict.import(tensors, into: encoder))
      return encoder
    } catch ModelError.tensors(let problem) {
      throw ModelError.file(url.path, problem: problem)
    }
  }

  /// The configuration of the encoder in a folder, without its weights.
  /// - Throws: `ModelError`, naming the file.
  public static func readConfig(_ folder: URL) throws -> AudioEncoder.Config {
    let url = folder.appendingPathComponent(configName)
    let foreign: HuggingFaceConfig = try decode(url)
    do {
      return try foreign.encoderConfig(preprocessor: readPreprocessor(folder))
    } catch ModelError.setting(let name, let problem) {
      throw ModelError.file(url.path, problem: "\(name): \(problem)")
    }
  }

  private static let configName = "config.json"
  private static let weightsName = "model.safetensors"
  private static let preprocessorName = "preprocessor_config.json"

  private static func readPreprocessor(_ folder: URL) throws -> PreprocessorConfig? {
    let url = folder.appendingPathComponent(preprocessorName)
    return FileManager.default.fileExists(atPath: url.path) ? try decode(url) : nil
  }

  private static func decode<Value: Decodable>(_ url: URL) throws -> Value {
    guard let data = try? Data(contentsOf: url) else {
      throw ModelError.file(url.path, problem: "cannot be read; is this a model's folder?")
    }
    do {
      return try HuggingFaceConfig.decoder().decode(Value.self, from: data)
    } catch let error as DecodingError {
      throw ModelError.file(url.path, problem: "\(error.path) is missing or not of its type")
    }
  }
}

extension AudioEncoder {
  /// Reads an encoder from a folder of ours or of `transformers`.
  /// - Throws: `ModelError`, naming the file.
  public static func load(_ folder: URL) throws -> AudioEncoder { try ModelFolder.read(folder) }

  /// Writes this encoder so that `transformers` opens it, see `ModelFolder`.
  public func save(to folder: URL) throws { try ModelFolder.write(self, to: folder) }
}

extension DecodingError {
  /// The key that could not be read, as in the file's JSON.
  fileprivate var path: String {
    let (keys, last): ([any CodingKey], (any CodingKey)?) =
      switch self {
      case .keyNotFound(let key, let context): (context.codingPath, key)
      case .valueNotFound(_, let context), .typeMismatch(_, let context),
        .dataCorrupted(let context):
        (context.codingPath, nil)
      @unknown default: ([], nil)
      }
    let names = (keys + [last].compactMap { $0 }).map(\.stringValue.inSnakeCase)
    return names.isEmpty ? "its JSON" : "'\(names.joined(separator: "."))'"
  }
}

extension String {
  fileprivate var inSnakeCase: String {
    reduce(into: "") { $0 += $1.isUppercase ? "_\($1.lowercased())" : String($1) }
  }
}
