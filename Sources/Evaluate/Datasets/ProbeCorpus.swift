import Audio
import Corpus
import Files
import Foundation
import Pretrain
import Tensor

/// A labelled corpus to probe on: what `etude synth` wrote, or other music with such labels.
///
/// A piece is used if its audio can be decoded, has the length of its labels, and is not that of an
/// earlier piece under another name, which would be learned from and tested on at once.
public struct ProbeCorpus: Sendable {
  /// Where it lies.
  public let folder: URL
  /// What is known of each usable piece.
  public let labels: [PieceLabels]
  /// The pieces left out, with the reason. Report them.
  public let skipped: [Manifest.Skipped]
  /// Length in bytes and content of each usable piece's file.
  private let identities: [FileIdentity]

  /// Reads the labels and decodes every piece once, on all cores.
  ///
  /// - Parameters:
  ///   - folder: Holds `labels.jsonl` and the files that it names.
  ///   - progress: Called with how many pieces of how many are checked.
  /// - Throws: `CorpusError`; `ProbeError.tooFewPieces`.
  public init(_ folder: URL, progress: ProgressHandler? = nil) throws {
    self.folder = folder
    let all = try CorpusLabels.read(folder)
    let checked = Cores.map(all.count, progress: progress) { i in
      Result { try CheckedPiece(all[i], in: folder) }
    }
    var (usable, skipped): ([CheckedPiece], [Manifest.Skipped]) = ([], [])
    var names: [UInt64: String] = [:]
    for (piece, outcome) in zip(all, checked) {
      do {
        let checked = try outcome.get()
        if let twin = names.updateValue(piece.file, forKey: checked.identity.hash) {
          throw ProbeError.unusablePiece("the same audio as \(twin)")
        }
        usable.append(checked)
      } catch {
        skipped.append(
          Manifest.Skipped(path: piece.file, reason: ProbeCorpus.reason(of: error)))
      }
    }
    (labels, identities, self.skipped) = (usable.map(\.labels), usable.map(\.identity), skipped)
    guard labels.count >= ProbeError.fewestPieces else {
      throw ProbeError.tooFewPieces(folder: folder.path, pieces: labels.count, skipped: skipped)
    }
  }

  /// The content of each usable piece's file.
  var contents: [UInt64] { identities.map(\.hash) }

  /// The file of a piece.
  public func file(of piece: Int) -> URL { folder.appending(path: labels[piece].file) }

  /// The mono audio of a piece.
  /// - Throws: `AudioError`.
  public func samples(of piece: Int, sampleRate: Int) throws -> [Float] {
    try AudioFile.decode(file(of: piece).path, sampleRate: sampleRate)
  }

  /// How many of the pieces are among some files, by content: those that a model trained on these
  /// files has heard. Files that cannot be read are passed over.
  public func count(among files: [String]) -> Int {
    let hashes = FileIdentity.hashes(of: files, withLengths: Set(identities.map(\.length)))
    return identities.count { hashes.contains($0.hash) }
  }

  private static func reason(of error: any Error) -> String {
    (error as? AudioError)?.reason ?? "\(error)"
  }
}

/// A piece whose audio is there and has the length of its labels.
private struct CheckedPiece: Sendable {
  /// With the length of the audio itself.
  let labels: PieceLabels
  let identity: FileIdentity

  init(_ piece: PieceLabels, in folder: URL) throws {
    let path = folder.appending(path: piece.file).path
    let file = try AudioFile(path)
    let seconds = Double(try file.check(minimumSeconds: 0)) / Double(file.sampleRate)
    guard abs(seconds - piece.seconds) <= PieceLabels.slack else {
      throw ProbeError.unusablePiece(
        "lasts \(rounded(seconds)) s, by its labels \(rounded(piece.seconds)) s; correct one of them"
      )
    }
    var labels = piece
    labels.seconds = seconds
    (self.labels, identity) = (labels, try FileIdentity(path))
  }
}

private func rounded(_ seconds: Double) -> String {
  String(format: seconds < 1e6 ? "%.2f" : "%g", seconds)
}
