import Files
import Foundation
import Tensor

/// The features computed so far for a store that is not finished: a folder beside it, with one
/// store for each audio file. A part is either complete or missing, so a run that was killed can
/// continue.
///
/// Beside a store that is a symbolic link means beside the file that it leads to: on the same disk.
final class FeatureParts: Sendable {
  /// The path of the joined store until it is renamed.
  let unfinishedStore: String
  private let folder: String
  private let format: FeatureFormat
  private let lock: FolderLock

  /// Opens or creates the folder of parts for the store at `path`.
  ///
  /// - Throws: `FileError`, `.busy` if another process uses the folder.
  init(for path: String, format: FeatureFormat) throws {
    folder = try FileTarget(path, seeking: true).path + ".parts"
    unfinishedStore = folder + "/store.h5"
    self.format = format
    lock = try FolderLock(URL(fileURLWithPath: folder), for: path)
  }

  /// Whether a complete part exists for this audio and format.
  func hold(_ name: String, audioHash: UInt64) -> Bool {
    guard let part = try? store(of: name) else { return false }
    return part.format == format && part.holds(name, audioHash: audioHash)
  }

  /// The part of one file.
  ///
  /// - Throws: `FeatureStoreError`.
  func store(of name: String) throws -> FeatureStore { try FeatureStore(at: path(of: name)) }

  /// Writes the part of one file block by block.
  ///
  /// - Throws: `FileError`, or the errors of `body`.
  func write(
    _ name: String, audioHash: UInt64, _ body: (_ add: (Tensor) throws -> Void) throws -> Int
  ) throws {
    let writer = try FeatureStoreWriter(at: path(of: name), format: format)
    try writer.append(name, audioHash: audioHash, body)
    try writer.finish()
  }

  /// Removes the folder, after the store is finished.
  func remove() { try? FileManager.default.removeItem(atPath: folder) }

  private func path(of name: String) -> String {
    var hash = ContentHash()
    hash.update(Data(name.utf8))
    return "\(folder)/\(String(hash.value, radix: 16)).h5"
  }
}
