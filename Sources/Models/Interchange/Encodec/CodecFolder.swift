import Files
import Foundation
import Tensor

/// A codec as `transformers` keeps an `EncodecModel`: `config.json`, `model.safetensors` and
/// `preprocessor_config.json`; or as a file of the original code.
///
/// `EncodecModel.from_pretrained` opens what `write` writes. A codec without an LSTM gets one of zeros there, which
/// computes the same, because `transformers` has no model without.
public enum CodecFolder {
  /// The configuration of the codec in a folder, without its weights.
  /// - Throws: `ModelError`, naming the file.
  public static func readConfig(_ folder: URL) throws -> Codec.Config {
    let url = folder.appendingPathComponent(ModelFolder.configName)
    let family = try ForeignJSON.modelType(of: url)
    guard family == EncodecConfig.modelType else {
      throw ModelError.file(
        url.path,
        problem: "belongs to a model of type '\(family ?? "unknown")', not to a codec; "
          + "only 'encodec' is one")
    }
    let foreign: EncodecConfig = try ForeignJSON.decode(url)
    let config = try naming(url) { () throws(ModelError) in try foreign.codecConfig() }
    let other = folder.appendingPathComponent(ModelFolder.preprocessorName)
    if try Presence.kind(of: other.path) != nil {
      let preprocessor: EncodecPreprocessor = try ForeignJSON.decode(other)
      try naming(other) { () throws(ModelError) in try preprocessor.check(config) }
    }
    return config
  }

  /// Reads a codec: a folder that `write` or `transformers` wrote, or a file of the original code with the weights of
  /// one of the published models.
  ///
  /// - Throws: `ModelError`, naming the file.
  public static func read(_ url: URL) throws -> Codec {
    guard try Presence.kind(of: url.path) == .file else {
      let config = try readConfig(url)
      return try codec(config, Weights(folder: url), countsLSTM: true)
    }
    let weights = try originalWeights(url)
    let published: [Codec.Config] = [.encodec24kHz, .encodec48kHz, .musicGen32kHz]
    guard let config = published.first(where: { EncodecNames.fit(weights, $0) }) else {
      throw ModelError.file(
        url.path,
        problem:
          "holds none of the published codecs (EnCodec at 24 and 48 kHz, MusicGen's at 32 kHz); "
          + "its configuration must be given, because such a file has none")
    }
    return try codec(config, weights, countsLSTM: false)
  }

  /// Reads a file of the original code, of EnCodec or audiocraft, which has no configuration in it.
  ///
  /// - Parameters:
  ///   - url: A file of PyTorch: a dictionary of tensors, or one under `best_state`.
  ///   - config: The codec that it holds.
  /// - Throws: `ModelError`, naming the file.
  public static func read(original url: URL, as config: Codec.Config) throws -> Codec {
    config.requireValid()
    return try codec(config, originalWeights(url), countsLSTM: false)
  }

  /// Writes a codec. A model that is there already is replaced as a whole; other files in the folder stay.
  ///
  /// - Parameters:
  ///   - codec: The codec.
  ///   - folder: Made if it is not there.
  /// - Throws: `FileError` if a file cannot be written, or if a number of the codec is NaN or infinite.
  public static func write(_ codec: Codec, to folder: URL) throws {
    try codec.state.checkFinite(beforeWriting: folder)
    let json = HuggingFaceConfig.encoder()
    let config = try json.encode(EncodecConfig(codec.config))
    let preprocessor = try json.encode(EncodecPreprocessor(codec.config))
    let names = EncodecNames(codec.config, countsLSTM: true)
    let weights =
      names.exported(codec.state).map { (name: StateDict.parametrised($0.name), tensor: $0.tensor) }
      + names.placeholders(codec.config).map { (name: $0.name, tensor: .zeros($0.shape)) }
    try ModelFolder.replaceModel(in: folder) { aside in
      try SafeTensors.write(weights, to: aside.appendingPathComponent(ModelFolder.weightsName))
      try AtomicFile.write(
        preprocessor, to: aside.appendingPathComponent(ModelFolder.preprocessorName))
      try AtomicFile.write(config, to: aside.appendingPathComponent(ModelFolder.configName))
    }
  }
}

extension CodecFolder {
  private static func codec(
    _ config: Codec.Config, _ weights: Weights, countsLSTM: Bool
  ) throws -> Codec {
    do {
      var weights = try weights.renamed(EncodecNames.canonical).withoutSizes()
      try weights.checkSize(
        numbers: Double(config.weightCounts.numbers), tensors: config.weightCounts.tensors)
      let names = EncodecNames(config, countsLSTM: countsLSTM)
      if countsLSTM { try weights.removeZeros(names.placeholders(config)) }
      var blank = BlankGenerator()
      var codec = Codec(config, using: &blank)
      try codec.load(names.imported(weights, for: codec.state))
      try codec.checkDirections()
      return codec
    } catch ModelError.tensors(let problem) {
      throw ModelError.file(weights.path, problem: problem)
    }
  }

  private static func originalWeights(_ url: URL) throws -> Weights {
    let file = try TorchFile(contentsOf: url)
    let state = file.root["best_state"] ?? file.root
    do {
      return try Weights(state, of: file, at: url)
        .renamed { EncodecNames.canonical(EncodecNames.transformersName(ofOriginal: $0)) }
    } catch ModelError.tensors(let problem) {
      throw ModelError.file(url.path, problem: problem)
    }
  }

  /// `body` with its errors about a setting as errors about the file.
  private static func naming<Result>(
    _ url: URL, _ body: () throws(ModelError) -> Result
  ) throws(ModelError) -> Result {
    do throws(ModelError) { return try body() } catch {
      guard case .setting(let name, let problem) = error else { throw error }
      throw .file(url.path, problem: "\(name): \(problem)")
    }
  }
}

extension Codec {
  /// Reads a codec from a folder of ours or of `transformers`, or from a file of the original code with one of the
  /// published models, see `CodecFolder`.
  /// - Throws: `ModelError`, naming the file.
  public static func load(_ url: URL) throws -> Codec { try CodecFolder.read(url) }

  /// Writes this codec so that `transformers` opens it, see `CodecFolder`.
  /// - Throws: `FileError`.
  public func save(to folder: URL) throws { try CodecFolder.write(self, to: folder) }

  /// That no weight with a gain is zero: it would have no direction.
  /// - Throws: `ModelError.tensors`.
  fileprivate func checkDirections() throws(ModelError) {
    let tensors = Dictionary(uniqueKeysWithValues: parameters.map { ($0.path, $0.tensor) })
    for (path, gain) in parameters where path.hasSuffix(".gain") {
      let direction = tensors[path.dropLast("gain".count) + "weight"]!
      guard (gain / direction.rowLengths).firstNonFinite == nil else {
        throw .tensors(
          "'\(path.dropLast(".gain".count))' has a weight that is zero, so without a direction")
      }
    }
  }
}

extension Weights {
  /// The same without the numbers that a convolution of `transformers` computes from its configuration, which some
  /// versions save.
  fileprivate func withoutSizes() -> Weights {
    let sizes = [".stride", ".kernel_size", ".padding_total"]
    var result = self
    result.entries = entries.filter { name, entry in
      !entry.shape.isEmpty || !sizes.contains(where: name.hasSuffix)
    }
    return result
  }

  /// Takes out tensors that must be zero.
  /// - Throws: `ModelError.tensors` if one is missing, of another shape, or not zero.
  fileprivate mutating func removeZeros(_ zeros: [(name: String, shape: Shape)]) throws {
    for (name, shape) in zeros {
      guard entries[name]?.shape == Array(shape), let tensor = try remove(name) else {
        throw ModelError.tensors(
          "the model needs '\(name)' of shape \(shape), which the file does not hold")
      }
      guard tensor.scalars.allSatisfy({ $0 == 0 }) else {
        throw ModelError.tensors(
          "'\(name)' is not zero, though etude.has_lstm in config.json is false")
      }
    }
  }
}
