import Audio
import Foundation

/// A labelled corpus to probe on: what `etude synth` wrote.
public struct ProbeCorpus: Sendable {
  /// What is known of each piece.
  public let labels: [PieceLabels]
  private let folder: URL

  /// Reads the labels.
  /// - Throws: `CorpusError`; `ProbeError.tooFewPieces`.
  public init(_ folder: URL) throws {
    self.folder = folder
    labels = try CorpusLabels.read(folder)
    guard labels.count >= 10 else {
      throw ProbeError.tooFewPieces(folder: folder.path, pieces: labels.count)
    }
  }

  /// The mono audio of a piece.
  /// - Throws: `AudioError`.
  public func samples(of piece: Int, sampleRate: Int) throws -> [Float] {
    let file = folder.appending(path: labels[piece].file)
    return try AudioFile.decode(file.path, sampleRate: sampleRate)
  }
}
