import Files
import Foundation
import Models
import Tensor

/// A folder with a mel encoder: `config.json` and `model.safetensors`, with the names of this library.
enum MelFolder {
  /// What `config.json` has under `model_type`.
  static let modelType = "etude-mel"
  static let configName = "config.json"
  static let weightsName = "model.safetensors"
  static let preprocessorName = "preprocessor_config.json"

  /// `config.json`.
  struct Document: Codable {
    var modelType: String
    var encoder: MelEncoder.Config
  }

  /// Writes both files, and how `transformers` prepares a waveform if that is given; a model that is there already, of
  /// whatever form, is replaced as a whole, its heads too.
  static func write(
    _ weights: [(name: String, tensor: Tensor)], _ config: some Encodable,
    preprocessor: (any Encodable)? = nil, to folder: URL
  ) throws {
    try ModelFolder.replaceModel(in: folder, openedBy: configName) { aside in
      func write(_ document: some Encodable, as name: String) throws {
        try AtomicFile.write(
          ForeignJSON.encoder().encode(document), to: aside.appendingPathComponent(name))
      }
      try SafeTensors.write(weights, to: aside.appendingPathComponent(weightsName))
      if let preprocessor { try write(preprocessor, as: preprocessorName) }
      try write(config, as: configName)
    }
  }

  /// Reads the numbers of an encoder of `write`.
  static func config(of folder: URL) throws -> MelEncoder.Config {
    try ForeignJSON.configuration(folder.appendingPathComponent(configName), under: "encoder")
  }

  /// The numbers of an encoder that a file describes, checked.
  /// - Throws: `ModelError.file` for what is not built here; what `read` throws.
  static func checkedConfig(
    at url: URL, _ read: (URL) throws -> MelEncoder.Config
  ) throws -> MelEncoder.Config {
    do {
      let config = try read(url)
      try config.check()
      return config
    } catch ModelError.setting(let name, let problem) {
      throw ModelError.file(url.path, problem: "\(name): \(problem)")
    }
  }

  /// Reads an encoder of `write`.
  static func read(_ folder: URL) throws -> MelEncoder {
    try MelWeights(
      try Weights(folder: folder), config: config(of: folder),
      describedBy: folder.appendingPathComponent(configName)
    ).encoder { weights, encoder in
      let tensors = try weights.entries.mapValues { try $0.read() }
      try encoder.load(tensors)
    }
  }
}

/// The weights of a file for an encoder of some configuration.
struct MelWeights {
  let weights: Weights
  let config: MelEncoder.Config

  /// - Parameter url: The file that describes the encoder, for errors.
  /// - Throws: `ModelError.file` if such an encoder cannot be built.
  init(_ weights: Weights, config: MelEncoder.Config, describedBy url: URL) throws(ModelError) {
    do {
      try config.check()
    } catch ModelError.setting(let name, let problem) {
      throw .file(url.path, problem: "\(name): \(problem)")
    }
    (self.weights, self.config) = (weights, config)
  }

  /// The encoder, filled by `load`.
  /// - Throws: `ModelError.file` if a tensor is missing, unknown or misshapen, holds NaN, or statistics that no audio has.
  func encoder(_ load: (Weights, inout MelEncoder) throws -> Void) throws -> MelEncoder {
    do {
      try weights.checkSize(
        numbers: Double(config.parameterCount - config.width), tensors: config.layers)
      var blank = BlankGenerator()
      var encoder = try MelEncoder(config, using: &blank)
      try load(weights, &encoder)
      try encoder.checkStatistics()
      return encoder
    } catch ModelError.tensors(let problem) {
      throw ModelError.file(weights.path, problem: problem)
    }
  }
}

extension MelEncoder {
  /// What is less is no deviation that was measured: bands that hardly vary are divided by more.
  private static let leastDeviation: Float = 1e-9

  /// That deviations can be divided by, and that variances have a root.
  /// - Throws: `ModelError.tensors` with the first tensor that does not.
  fileprivate func checkStatistics() throws(ModelError) {
    for (path, tensor) in buffers {
      let least =
        path == "input.deviation" ? Self.leastDeviation : path.hasSuffix(".variance") ? 0 : nil
      guard let least, let found = tensor.scalars.first(where: { $0 < least }) else { continue }
      throw .tensors(
        "'\(path)' holds \(found), which cannot be one; the file is damaged, get a fresh copy")
    }
  }
}

extension MelEncoder {
  /// Reads an encoder: a folder of `save`, MuQ, OMAR-RQ or MERT-v2, or a checkpoint of MusicFM.
  ///
  /// A checkpoint of MusicFM has no statistics of its mel frames. They are read from the file beside it:
  /// `msd_stats.json` for `pretrained_msd.pt`.
  /// - Throws: `ModelError.file`, naming the file and what is not built here; `FileError`.
  public static func load(_ url: URL) throws -> MelEncoder {
    let url = URL(fileURLWithPath: url.path)
    guard try Presence.kind(of: url.path) == .folder else { return try MusicFM.read(url) }
    if try OMARFolder.isOne(url) { return try OMARFolder.read(url) }
    let config = url.appendingPathComponent(MelFolder.configName)
    switch try MelForm.of(config) {
    case .own: return try MelFolder.read(url)
    case .mert2: return try MERT2Folder.read(url)
    case .muQ, nil: return try MuQFolder.read(url)
    }
  }

  /// The numbers of the encoder that `load` reads, without its weights.
  /// - Throws: `ModelError.file`; `FileError`.
  static func config(of url: URL) throws -> Config {
    let url = URL(fileURLWithPath: url.path)
    guard try Presence.kind(of: url.path) == .folder else { return try MusicFM.config(of: url) }
    if try OMARFolder.isOne(url) { return try OMARFolder.config(of: url) }
    let file = url.appendingPathComponent(MelFolder.configName)
    switch try MelForm.of(file) {
    case .own: return try MelFolder.checkedConfig(at: file) { _ in try MelFolder.config(of: url) }
    case .mert2: return try MERT2Folder.config(of: url)
    case .muQ, nil: return try MuQFolder.config(of: url)
    }
  }

  /// Writes this encoder into a folder that `load` reads: all its tensors, under the names of this library. A model
  /// that is there already is replaced as a whole, its heads too; other files in the folder stay.
  /// - Throws: `FileError`; `ModelError.file` if a number is not finite.
  public func save(to folder: URL) throws {
    try state.checkFinite(beforeWriting: folder)
    try MelFolder.write(
      state.map { (name: $0.path, tensor: $0.tensor) },
      MelFolder.Document(modelType: MelFolder.modelType, encoder: config), to: folder)
  }

  /// Writes this encoder as a folder of MuQ, for `MuQ.from_pretrained`.
  ///
  /// Written are the tensors that its hidden states depend on. MuQ draws the others, such as the heads of its
  /// pre-training, when it opens the folder; the mask embedding has no place there.
  /// - Throws: `ModelError.setting` if MuQ does not compute the same; `ModelError.file` if a number is not
  ///   finite; `FileError`.
  public func saveMuQ(to folder: URL) throws { try MuQFolder.write(self, to: folder) }

  /// Writes this encoder as a folder of MERT-v2, whose code has to be put beside it. The mask embedding has no
  /// place there.
  /// - Throws: `ModelError.setting` if MERT-v2 does not compute the same; `ModelError.file` if a number is not
  ///   finite; `FileError`.
  public func saveMERT2(to folder: URL) throws { try MERT2Folder.write(self, to: folder) }

  /// Writes this encoder as a folder of OMAR-RQ, `config.gin` and `model.ckpt`, for `omar_rq.get_model`. The mask
  /// embedding has no place there.
  /// - Throws: `ModelError.setting` if OMAR-RQ does not compute the same; `ModelError.file` if a number is not
  ///   finite; `FileError`.
  public func saveOMARRQ(to folder: URL) throws { try OMARFolder.write(self, to: folder) }

  /// Writes this encoder as a checkpoint of MusicFM, `pretrained_msd.pt`, and the statistics of its mel frames
  /// beside it, `msd_stats.json`: for `MusicFM25Hz`.
  ///
  /// Its loader asks for every tensor of its code. Those that hidden states do not depend on are written as zeros:
  /// the positional convolution, the class token, the head and the quantiser. Rates of dropout and the mask
  /// embedding have no place there.
  /// - Parameter file: The checkpoint. The other file has its name, without `pretrained_` and with `_stats.json`.
  /// - Throws: `ModelError.setting` if MusicFM does not compute the same; `ModelError.file` if a number is not
  ///   finite; `FileError`.
  public func saveMusicFM(to file: URL) throws { try MusicFM.write(self, to: file) }
}
