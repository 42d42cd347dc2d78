import Audio
import Files
import Foundation
import HDF5
import Pretrain
import Tensor

/// The labels that a recipe's teachers gave to a collection, read from their stores crop by crop.
///
/// A crop reads one or two chunks of about 32 KiB from each store.
struct StoredLabels: CropLabels {
  private let stores: [LabelStore]
  private let names: [String]
  /// Samples from one frame of the model to the next.
  private let frameHop: Int
  /// Of every file, how many frames have a label of the first store.
  private let frames: [Int]

  /// - Parameters:
  ///   - stores: A store for each teacher, with labels of all files.
  ///   - names: The files.
  ///   - frameHop: Samples from one frame of the model to the next.
  /// - Throws: `LabelError.unknownFile`.
  init(_ stores: [LabelStore], of names: [String], frameHop: Int) throws {
    (self.stores, self.names, self.frameHop) = (stores, names, frameHop)
    frames = try names.map { try stores[0].frames(of: $0, hop: frameHop) }
  }

  func frames(of file: Int) -> Int { frames[file] }

  func codes(of file: Int, frames: Range<Int>) throws -> [[Int32]] {
    try stores.flatMap { try $0.codes(of: names[file], frames: frames, hop: frameHop) }
  }
}

extension LabelStore {
  /// The number of a model's frames in a file that have a label.
  fileprivate func frames(of name: String, hop: Int) throws -> Int {
    try description.rate.frames(of: file(named: name).frames, toHop: hop)
  }

  /// For every codebook the codes of a model's frames, the last one repeated where there are no more.
  fileprivate func codes(of name: String, frames: Range<Int>, hop: Int) throws -> [[Int32]] {
    let last = try self.frames(of: name, hop: hop) - 1
    let wanted = frames.map { min($0, last) * hop / description.rate.hop }
    let first = wanted[0]
    let stored = try codes(of: name, frames: first..<wanted.last! + 1).integerRows
    return stored.map { row in wanted.map { row[row.startIndex + $0 - first] } }
  }
}

// MARK: - Identity

extension StoredLabels {
  /// What tells these labels from others.
  struct Identity {
    /// Changes when any label does.
    var fingerprint: String
    /// Of every file, changes when any of its labels does.
    var hashes: [UInt64]
  }

  /// Marks a fingerprint that is made of the hashes that stores hold.
  private static let mark = "files-"

  /// The identity as an earlier one of the same run was made; the present way if `earlier` is nil.
  /// - Throws: `LabelError` if a store cannot be read.
  func identity(since earlier: String?) throws -> Identity {
    if let earlier, !earlier.hasPrefix(Self.mark) { return try identityOfAllCodes() }
    let hashes = try names.map { name in
      var hash = ContentHash()
      for store in stores { hash.update(try store.contentHash(of: name).bytes) }
      return hash.value
    }
    var all = ContentHash()
    for hash in hashes { all.update(hash.bytes) }
    return Identity(fingerprint: Self.mark + String(all.value, radix: 16), hashes: hashes)
  }

  /// That of runs whose fingerprint has no mark: a hash of all codes, which have to be read.
  private func identityOfAllCodes() throws -> Identity {
    var (all, hashes) = (ContentHash(), [UInt64]())
    for name in names {
      var own = ContentHash()
      for store in stores {
        try store.codes(of: name).integers.withUnsafeBytes { bytes in
          all.update(Data(bytes))
          own.update(Data(bytes))
        }
      }
      hashes.append(own.value)
    }
    return Identity(fingerprint: String(all.value, radix: 16), hashes: hashes)
  }
}

extension UInt64 {
  /// Its bytes, the lowest first.
  fileprivate var bytes: Data { withUnsafeBytes(of: littleEndian) { Data($0) } }
}
