import Foundation
import Tensor

/// The features computed so far for a store that is not finished: a folder beside it, with a store of
/// one file for each audio file. A part is whole or not there, so a run that was killed goes on.
final class FeatureParts: Sendable {
  /// Where the finished store lies until it has its name.
  let unfinishedStore: String
  private let folder: String
  private let format: FeatureFormat
  private let lock: Int32

  /// Opens or creates the folder for the store at `path`.
  ///
  /// - Throws: `FeatureStoreError.busy` when another process works there; `StoreError.unwritable`.
  init(for path: String, format: FeatureFormat) throws {
    folder = path + ".parts"
    unfinishedStore = folder + "/store.h5"
    self.format = format
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw StoreError.unwritable(path: folder, reason: error.localizedDescription)
    }
    lock = open(folder + "/lock", O_CREAT | O_RDWR | O_CLOEXEC, 0o644)
    guard lock >= 0 else {
      throw StoreError.unwritable(path: folder, reason: String(cString: strerror(errno)))
    }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else { throw FeatureStoreError.busy(path: path) }
  }

  deinit { if lock >= 0 { close(lock) } }

  /// Whether the features of a file are there, whole, and of this audio and format.
  func hold(_ name: String, audioHash: UInt64) -> Bool {
    guard let part = try? store(of: name) else { return false }
    return part.format == format && part.holds(name, audioHash: audioHash)
  }

  /// The store of one file.
  ///
  /// - Throws: `FeatureStoreError`.
  func store(of name: String) throws -> FeatureStore { try FeatureStore(at: path(of: name)) }

  /// Keeps the features of a file, which come block by block.
  ///
  /// - Throws: `StoreError.unwritable`, or what `body` throws.
  func write(
    _ name: String, audioHash: UInt64, _ body: (_ add: (Tensor) throws -> Void) throws -> Int
  ) throws {
    let writer = try FeatureStoreWriter(at: path(of: name), format: format)
    try writer.append(name, audioHash: audioHash, body)
    try writer.finish()
  }

  /// Removes the folder, when the store is finished.
  func remove() { try? FileManager.default.removeItem(atPath: folder) }

  private func path(of name: String) -> String {
    var hash = ContentHash()
    hash.update(Data(name.utf8))
    return "\(folder)/\(String(hash.value, radix: 16)).h5"
  }
}
