import Audio
import Files
import Foundation
import Synchronization
import Tensor

/// The built-in corpus: tonal, polyphonic music with percussion, rendered by a synthesiser, with
/// labels.
public enum Corpus {
  /// The sample rate, Hz.
  public static let sampleRate = 24_000
  /// The length of a piece unless another is asked for, seconds.
  public static let pieceSeconds: Float = 8
  /// The lengths that a piece can have, seconds.
  public static let possibleSeconds: ClosedRange<Float> = 8...60

  /// The name of the wav file of piece `index`.
  public static func fileName(_ index: Int) -> String {
    let digits = String(index)
    return "piece-" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + ".wav"
  }

  /// The number of pieces of some seconds whose total length is nearest to `minutes`.
  /// - Throws: `CorpusError.tooShort` if that is 0.
  public static func pieceCount(
    minutes: Double, pieceSeconds: Float = Corpus.pieceSeconds
  ) throws -> Int {
    let count = (minutes * 60 / Double(pieceSeconds)).rounded()
    guard count >= 1, count < 1e7 else {
      throw CorpusError.tooShort(minutes: minutes, pieceSeconds: pieceSeconds)
    }
    return Int(count)
  }

  /// Renders a corpus on all cores: 16-bit mono wav files and, last, `labels.jsonl`.
  /// - Parameters:
  ///   - folder: A new or empty folder, or a former corpus, which is replaced.
  ///   - minutes: The length of the corpus.
  ///   - seed: The seed of all draws.
  ///   - pieceSeconds: The length of every piece.
  ///   - progress: Called from time to time with the number of finished pieces and of all pieces.
  /// - Throws: `CorpusError`; `FileError` if a file cannot be written, or another process is
  ///   writing there.
  public static func write(
    to folder: URL, minutes: Double, seed: UInt64, pieceSeconds: Float = Corpus.pieceSeconds,
    progress: (Int, Int) -> Void = { _, _ in }
  ) throws {
    let count = try pieceCount(minutes: minutes, pieceSeconds: pieceSeconds)
    try refuseOthers(in: folder)
    try FolderLock.hold(folder) { _ in
      try clear(folder)
      var labels: [PieceLabels] = []
      labels.reserveCapacity(count)
      for start in stride(from: 0, to: count, by: 16) {
        labels += try render(
          start..<min(start + 16, count), seed: seed, seconds: pieceSeconds, to: folder)
        progress(labels.count, count)
      }
      try CorpusLabels.write(labels, to: folder)
    }
  }

  private static func render(
    _ indices: Range<Int>, seed: UInt64, seconds: Float, to folder: URL
  ) throws -> [PieceLabels] {
    let results = Mutex([Int: Result<PieceLabels, any Error>]())
    Cores.forEach(indices.count) { i in
      let index = indices.lowerBound + i
      let result = Result {
        let piece = CorpusPiece(index: index, seed: seed, seconds: seconds)
        let file = folder.appending(path: fileName(index))
        try AudioFile.write(piece.samples, sampleRate: sampleRate, to: file.path)
        return piece.labels
      }
      results.withLock { $0[index] = result }
    }
    return try results.withLock { all in try indices.compactMap { try all[$0]?.get() } }
  }

  private static func refuseOthers(in folder: URL) throws {
    let names = try Presence.names(in: folder) ?? []
    if let foreign = names.sorted().first(where: { !isOurs($0) }) {
      throw CorpusError.occupied(folder: folder.path, by: foreign)
    }
  }

  /// Removes the files of a former corpus.
  private static func clear(_ folder: URL) throws {
    let names = try Presence.names(in: folder) ?? []
    for name in names.sorted() where name != FolderLock.fileName {
      let path = folder.appending(path: name).path
      guard unlink(path) == 0 else { throw FileError.writing(path) }
    }
  }

  private static func isOurs(_ name: String) -> Bool {
    if name == CorpusLabels.fileName || name == FolderLock.fileName { return true }
    // Left by a process that was killed.
    if name.hasPrefix("."), name.hasSuffix(".partial") { return true }
    guard name.hasPrefix("piece-"), name.hasSuffix(".wav") else { return false }
    return !name.dropFirst(6).dropLast(4).isEmpty
      && name.dropFirst(6).dropLast(4).allSatisfy(\.isNumber)
  }
}
