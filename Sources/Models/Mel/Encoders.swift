import Files
import Foundation
import Models

/// Opens encoders of every kind.
public enum Encoders {
  /// Reads the encoder that a folder or file holds: a `MelEncoder` if `MelEncoder.save`, MuQ, MusicFM, OMAR-RQ
  /// or MERT-v2 wrote it, else an `AudioEncoder`.
  /// - Throws: `ModelError`, naming the file; `FileError`.
  public static func load(_ url: URL) throws -> any Encoder {
    let url = URL(fileURLWithPath: url.path)
    let isMel =
      try Presence.kind(of: url.path) == .folder
      ? OMARFolder.isOne(url)
        || MelForm.of(url.appendingPathComponent(MelFolder.configName)) != nil
      : try MusicFM.wrote(TorchFile(contentsOf: url))
    return isMel ? try MelEncoder.load(url) : try AudioEncoder.load(url)
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
