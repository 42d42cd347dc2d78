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

  /// The vectors of clips, computed where they are not there yet.
  ///
  /// - Parameters:
  ///   - clips: The audio.
  ///   - name: The data set, as the name of a folder.
  ///   - embedder: The model.
  ///   - cut: What becomes a vector.
  ///   - progress: Called with the number of clips that were embedded, and of all that have to be.
  /// - Throws: `FileError` if a block cannot be read or written; `ProbeError.notFinite` if the model yields a NaN.
  public func embeddings(
    of clips: [AudioClip], named name: String, by embedder: Embedder, _ cut: EmbeddingCut,
    progress: ProgressHandler = { _, _ in }
  ) throws -> Embeddings {
    let place = folder.appendingPathComponent(String(embedder.hash, radix: 16))
      .appendingPathComponent(name).appendingPathComponent(cut.key)
    try AtomicFolder.make(place)
    return try FolderLock.hold(place) { _ in
      var blocks = try Self.blocks(in: place)
      let keys = Cores.map(clips.count) { clips[$0].key }
      let known = Set(blocks.flatMap(\.keys))
      let missing = clips.indices.filter { !known.contains(keys[$0]) }
      for start in stride(from: 0, to: missing.count, by: cut.blockSize) {
        let numbers = missing[start..<min(start + cut.blockSize, missing.count)]
        let block = try EmbeddingBlock(
          numbers.map { clips[$0] }, keys: numbers.map { keys[$0] }, by: embedder, cut,
          to: place.appendingPathComponent(Self.name(blocks.count)))
        blocks.append(block)
        progress(numbers.endIndex, missing.count)
      }
      return Embeddings(of: keys, in: blocks, layers: embedder.layers, width: embedder.width)
    }
  }

  /// The whole blocks that are there, in their order; one that is damaged is removed and computed again.
  private static func blocks(in place: URL) throws -> [EmbeddingBlock] {
    try AtomicFile.removeUnfinished([""], in: place)
    var blocks: [EmbeddingBlock] = []
    while true {
      let url = place.appendingPathComponent(name(blocks.count))
      guard try Presence.kind(of: url.path) != nil else { return blocks }
      guard let block = try? EmbeddingBlock(url) else {
        try FileManager.default.removeItem(at: url)
        return blocks
      }
      blocks.append(block)
    }
  }

  private static func name(_ number: Int) -> String {
    let digits = String(number)
    return "block-" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
      + ".safetensors"
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
    let stamp = FileStamp(of: path)
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
    let first = Int(max(0, time.lowerBound) * Double(sampleRate))
    let end = min(file.count(at: sampleRate), Int(min(time.upperBound, 1e9) * Double(sampleRate)))
    guard first < end else {
      throw .inconsistent(path: path, reason: "ends before \(time.lowerBound) s")
    }
    return try file.samples(in: first..<end, at: sampleRate)
  }
}
