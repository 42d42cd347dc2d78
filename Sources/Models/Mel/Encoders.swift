import Files
import Foundation
import Models

/// Opens encoders of every kind.
public enum Encoders {
  /// Reads the encoder that a folder or file holds: a `MelEncoder` if `MelEncoder.save`, MuQ, MusicFM, OMAR-RQ
  /// or MERT-v2 wrote it, else an `AudioEncoder`.
  /// - Throws: `ModelError`, naming the file; `FileError`.
  public static func load(_ url: URL) throws -> any Encoder {
    try holdsMelEncoder(url) ? try MelEncoder.load(url) : try AudioEncoder.load(url)
  }

  /// The numbers of the encoder that a folder or file holds, read without its weights.
  /// - Throws: `ModelError`, naming the file; `FileError`.
  public static func config(of url: URL) throws -> any EncoderConfiguration {
    guard try holdsMelEncoder(url) else { return try ModelSource(url).config }
    return try MelEncoder.config(of: url)
  }

  /// The heads of pre-training beside an encoder; empty if there are none.
  /// - Throws: `ModelError.file` if they cannot be read or do not fit the encoder.
  public static func heads(of url: URL) throws -> PretrainingHeads {
    guard try holdsMelEncoder(url) else { return try ModelSource(url).heads() }
    let file = url.appendingPathComponent("heads.safetensors")
    guard try Presence.kind(of: file.path) == .file else { return PretrainingHeads() }
    let heads = try PretrainingHeads(contentsOf: file)
    do {
      try heads.check(width: config(of: url).width)
    } catch ModelError.tensors(let problem) {
      throw ModelError.file(file.path, problem: problem)
    }
    return heads
  }

  /// Whether it is a `MelEncoder`.
  /// - Throws: `ModelError`, naming the file; `FileError`.
  public static func holdsMelEncoder(_ url: URL) throws -> Bool {
    let url = URL(fileURLWithPath: url.path)
    guard try Presence.kind(of: url.path) == .folder else {
      return try MusicFM.wrote(TorchFile(contentsOf: url))
    }
    return try OMARFolder.isOne(url)
      || MelForm.of(url.appendingPathComponent(MelFolder.configName)) != nil
  }
}

/// Whose folder one with a mel encoder is.
enum MelForm {
  case own, muQ, mert2

  /// By what only its `config.json` has.
  /// - Returns: nil for a folder of an `AudioEncoder`.
  /// - Throws: `ModelError.file`.
  static func of(_ config: URL) throws -> MelForm? {
    let keys: Keys = try ForeignJSON.decode(config)
    if keys.modelType == MelFolder.modelType { return .own }
    if keys.w2v2Config != nil { return .muQ }
    return keys.subsamplingChannels != nil ? .mert2 : nil
  }

  private struct Keys: Decodable {
    var modelType: String?
    var w2v2Config: Anything?
    var subsamplingChannels: Anything?
  }

  private struct Anything: Decodable {
    init(from decoder: any Decoder) throws {}
  }
}
