import Files
import Foundation
import Models

/// Opens encoders of every kind.
public enum Encoders {
  /// Reads the encoder that a folder or file holds: a `MelEncoder` if `MelEncoder.save`, MuQ or MusicFM wrote it, else
  /// an `AudioEncoder`.
  /// - Throws: `ModelError`, naming the file; `FileError`.
  public static func load(_ url: URL) throws -> any Encoder {
    let url = URL(fileURLWithPath: url.path)
    let isMel =
      try Presence.kind(of: url.path) == .folder
      ? Description.read(in: url).isMel : try MusicFM.wrote(TorchFile(contentsOf: url))
    return isMel ? try MelEncoder.load(url) : try AudioEncoder.load(url)
  }
}

/// What of a `config.json` tells whose it is.
private struct Description: Decodable {
  var modelType: String?
  /// Of MuQ alone.
  var w2v2Config: Anything?

  struct Anything: Decodable {
    init(from decoder: any Decoder) throws {}
  }

  var isMel: Bool { modelType == MelFolder.modelType || w2v2Config != nil }

  static func read(in folder: URL) throws -> Description {
    try ForeignJSON.decode(folder.appendingPathComponent(MelFolder.configName))
  }
}
