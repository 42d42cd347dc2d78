import Audio
import Files
import Foundation
import Tensor

/// A folder that keeps the vectors of audio files, so that they are computed once for each model and cut, whichever
/// tasks need them.
///
/// Clips are embedded in blocks of 64, or of 4 if every frame is kept, one clip on each core; a block is a file that
/// appears when it is complete. What was stopped goes on after the last whole block, and memory holds one block. A clip is
/// known by its path, size and time of change; one that changed is embedded again.
///
/// Layout: `HASH-OF-THE-MODEL/NAME-OF-THE-DATA-SET/CUT/block-00012.safetensors`, see `EmbeddingBlock`.
public struct EmbeddingStore: Sendable {
  /// Where it lies.
  public let folder: URL

  /// The store in a folder, which is made when the first block is written.
  public init(_ folder: URL) { self.folder = folder }

  /// The vectors of clips, computed where they are not there yet. Of two processes that embed the same, one waits and
  /// finds the vectors of the other.
  ///
  /// - Parameters:
  ///   - clips: The audio.
  ///   - name: The data set, as the name of a folder.
  ///   - embedder: The model.
  ///   - cut: What becomes a vector.
  ///   - progress: Called with the number of clips that were embedded, and of all that have to be.
  ///   - waiting: Called where another process has to be waited for, with its name, if known.
  /// - Throws: `FileError` if a block cannot be read or written; `ProbeError.notFinite` if the model yields a NaN.
  public func embeddings(
    of clips: [AudioClip], named name: String, by embedder: Embedder, _ cut: EmbeddingCut,
    progress: ProgressHandler = { _, _ in }, waiting: (_ holder: String?) -> Void = { _ in }
  ) throws -> Embeddings {
    let shelf = shelf(of: name, by: embedder, cut)
    let keys = Cores.map(clips.count) { clips[$0].key }
    let there = try shelf.blocks()
    // Where nothing is missing, others may be reading, too.
    if EmbeddingShelf.missing(keys, in: there).isEmpty {
      return Embeddings(of: keys, in: there, layers: embedder.layers, width: embedder.width)
    }
    return try FolderLock.holdInTurn(shelf.folder, waiting: waiting) {
      try AtomicFile.removeUnfinished([""], in: shelf.folder)
      var blocks = try shelf.blocks()
      let missing = EmbeddingShelf.missing(keys, in: blocks)
      for numbers in missing.parts(of: cut.blockSize) {
        blocks.append(
          try shelf.embed(
            numbers.map { clips[$0] }, keys: numbers.map { keys[$0] }, as: blocks.count))
        progress(numbers.endIndex, missing.count)
      }
      return Embeddings(of: keys, in: blocks, layers: embedder.layers, width: embedder.width)
    }
  }

  /// Where the vectors of a data set lie.
  func shelf(of name: String, by embedder: Embedder, _ cut: EmbeddingCut) -> EmbeddingShelf {
    EmbeddingShelf(
      folder: folder.appendingPathComponent(String(embedder.hash, radix: 16))
        .appendingPathComponent(name).appendingPathComponent(cut.key),
      embedder: embedder, cut: cut)
  }
}

/// A file, or a part of it.
public struct AudioClip: Hashable, Sendable {
  /// The file.
  public var path: String
  /// The part, seconds; the whole file if nil.
  public var time: Range<Double>?

  /// Stores both parts.
  public init(path: String, time: Range<Double>? = nil) { (self.path, self.time) = (path, time) }

  /// A hash of path, part, size and time of change.
  var key: UInt64 {
    let stamp = FileStamp(ofAudio: path)
    var hash = ContentHash()
    let part = time.map { "\($0.lowerBound) \($0.upperBound)" } ?? ""
    hash.update(
      Data("\(path)\0\(part)\0\(stamp?.bytes ?? -1) \(stamp?.changed ?? 0)".utf8))
    return hash.value
  }

  /// The samples of the part, for which no more of the file is decoded than it needs.
  /// - Parameters:
  ///   - sampleRate: Samples a second of the result.
  ///   - firstChannel: Whether the first channel of a whole file is heard, rather than the mean of all.
  /// - Throws: `AudioError` if the file cannot be decoded or ends before the part begins.
  package func samples(
    sampleRate: Int, firstChannel: Bool = false
  ) throws(AudioError) -> [Float] {
    guard let time else {
      return firstChannel
        ? try AudioFile(path).stereo(sampleRate: sampleRate)[0]
        : try AudioFile.decode(path, sampleRate: sampleRate)
    }
    precondition(!firstChannel, "AudioClip.samples: the first channel of a part is not read")
    let file = try MeasuredFile(path)
    let place = { (seconds: Double) in Int(min(max(0, seconds), 1e9) * Double(sampleRate)) }
    let (first, end) = (
      place(time.lowerBound), min(file.count(at: sampleRate), place(time.upperBound))
    )
    guard first < end else {
      throw .inconsistent(path: path, reason: "ends before \(time.lowerBound) s")
    }
    return try file.samples(in: first..<end, at: sampleRate)
  }
}
