import Audio
import Corpus
import Files
import Foundation
import Tensor

/// The pieces that models are probed on unless other labelled music is named: the built-in corpus
/// of a seed that no example trains on.
public struct BuiltInPieces: Sendable, Equatable {
  /// Their length together; 80 minutes are 600 pieces.
  public var minutes: Double
  /// The corpus' seed.
  public var seed: UInt64

  /// `etude synth --minutes 80 --seed 100`, unless others are named.
  public init(minutes: Double = 80, seed: UInt64 = 100) {
    (self.minutes, self.seed) = (minutes, seed)
  }

  /// The name of their folder.
  public static let folderName = "probe-corpus"

  /// Renders the pieces into `probe-corpus` below a folder, unless they are there.
  ///
  /// The folder appears under its name when all is written.
  /// - Parameters:
  ///   - parent: The folder in which they are rendered.
  ///   - progress: Called with how many pieces of how many are rendered.
  /// - Returns: The corpus' folder.
  /// - Throws: `CorpusError`; `ProbeError.otherPieces` if `probe-corpus` holds something else, such as the pieces of an
  ///   earlier version; `FileError`.
  public func rendered(
    below parent: URL, progress: (Int, Int) -> Void = { _, _ in }
  ) throws -> URL {
    let folder = parent.appending(path: Self.folderName)
    if try Presence.kind(of: folder.path) != nil {
      guard try isHeld(by: folder) else {
        throw ProbeError.otherPieces(folder: folder.path)
      }
      return folder
    }
    let partial = parent.appending(path: ".\(Self.folderName).partial")
    try Corpus.write(to: partial, minutes: minutes, seed: seed, progress: progress)
    guard rename(partial.path, folder.path) == 0 else { throw FileError.writing(folder.path) }
    return folder
  }

  private func isHeld(by folder: URL) throws -> Bool {
    do {
      let labels = try CorpusLabels.read(folder)
      return try labels.count == Corpus.pieceCount(minutes: minutes)
        && labels.enumerated().allSatisfy { $1 == CorpusPiece.labels(index: $0, seed: seed) }
    } catch CorpusError.noLabels, CorpusError.malformed {
      return false
    }
  }
}
