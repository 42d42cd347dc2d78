import Files
import Foundation

/// The scales of files by content, kept from one start to the next.
struct ScaleLog: Sendable {
  private let folder: String
  private let log: RecordLog
  private var known: [UInt64: AudioScale] = [:]

  /// - Throws: `FileError` if the log cannot be read.
  init(of store: DecodedStore) throws(FileError) {
    (folder, log) = (store.folder.path, store.scales)
    for fields in try log.records(fields: 3) {
      guard let hash = UInt64(fields[0], radix: 16), let mean = UInt32(fields[1], radix: 16),
        let reciprocal = UInt32(fields[2], radix: 16)
      else { continue }
      known[hash] = AudioScale(
        mean: Float(bitPattern: mean), reciprocal: Float(bitPattern: reciprocal))
    }
  }

  /// The scale of a content, which `measure` determines and the log keeps if it is not known.
  /// - Throws: What `measure` throws; `AudioError.scratch` if the log cannot be written.
  func scale(
    of hash: UInt64, measure: () throws(AudioError) -> AudioScale
  ) throws(AudioError) -> AudioScale {
    if let scale = known[hash] { return scale }
    let scale = try measure()
    do {
      try log.append([
        String(hash, radix: 16), String(scale.mean.bitPattern, radix: 16),
        String(scale.reciprocal.bitPattern, radix: 16),
      ])
    } catch {
      throw .scratch(folder: folder, reason: "\(error)")
    }
    return scale
  }
}
