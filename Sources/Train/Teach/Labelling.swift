import Audio
import Cluster
import Files
import Pretrain
import Tensor

/// Labels a collection by one teacher, into one store: files on all cores, one on each, then one after the other
/// into the store. Labelling that was killed goes on with the first file that has no part yet.
///
/// Several ranks label a share of the files each; the first one makes the store. What lies on the disk of another host
/// it labels again, so a shared disk is faster and no condition.
///
/// Memory holds the audio of one file for each core, and codes of one.
package struct Labelling {
  private let audio: any AudioSource
  private let hashes: [UInt64]
  private let teacher: any LabelTeacher
  private let description: LabelStore.Description
  private let tolerance: Int
  private let ranks: Ranks

  /// - Parameters:
  ///   - audio: The collection.
  ///   - hashes: The content hash of each of its files.
  ///   - teacher: The teacher.
  ///   - description: What the store says of its labels.
  ///   - tolerance: By how many labels a file may miss its length.
  ///   - ranks: The ranks that label together; this process alone unless given.
  package init(
    of audio: any AudioSource, hashes: [UInt64], by teacher: any LabelTeacher,
    description: LabelStore.Description, tolerance: Int, among ranks: Ranks = .alone
  ) {
    (self.audio, self.hashes, self.teacher) = (audio, hashes, teacher)
    (self.description, self.tolerance, self.ranks) = (description, tolerance, ranks)
  }

  /// Writes the store.
  ///
  /// - Parameters:
  ///   - path: The store's path.
  ///   - progress: Called with how many files of how many are labelled, first with those labelled before.
  ///   - each: Called with the name and the codes of each file, int32 `[codebooks, frames]`, in order.
  /// - Throws: What the teacher throws for a file; `LabelError` for labels that cannot teach; `FileError`.
  package func write(
    to path: String, progress: ProgressHandler, each: (String, Tensor) -> Void
  ) throws {
    guard teacher.isRepeatable else {
      return try ranks.lead {
        try join(into: path, each) { file in
          defer { progress(file + 1, audio.count) }
          return try teacher.codes(of: file, in: audio)
        }
      }
    }
    // Before any rank writes one: making the folder removes parts that are not finished.
    let parts = try ranks.inTurn {
      try LabelParts(for: path, description: description, of: teacher)
    }
    try ranks.agree { try fill(parts, ranks.share(of: audio.count), progress) }
    try ranks.lead {
      if ranks.count > 1 { try fill(parts, 0..<audio.count, progress) }
      try join(parts, into: path, each)
    }
    // Also those on the disks of other hosts.
    parts.remove()
  }

  private func join(_ parts: LabelParts, into path: String, _ each: (String, Tensor) -> Void) throws
  {
    try join(into: path, each) { file in
      guard let codes = codes(of: file, in: parts) else {
        throw LabelError.unknownFile(path: path + ".parts", file: audio.files[file].path)
      }
      return codes
    }
  }

  /// After the first error no further file is begun.
  private func fill(
    _ parts: LabelParts, _ files: Range<Int>, _ progress: ProgressHandler
  ) throws {
    let missing = files.filter { codes(of: $0, in: parts) == nil }
    let known = audio.count - missing.count
    progress(known, audio.count)
    try withoutActuallyEscaping(progress) { progress in
      let counting: ProgressHandler = { done, _ in progress(known + done, audio.count) }
      _ = try Cores.map(missing.count, progress: counting) { number in
        try label(missing[number], into: parts)
      }
    }
  }

  private func label(_ file: Int, into parts: LabelParts) throws {
    let codes = try teacher.codes(of: file, in: audio)
    try parts.write(codes, of: audio.files[file].path, audioHash: hashes[file])
  }

  private func codes(of file: Int, in parts: LabelParts) -> Tensor? {
    parts.codes(of: audio.files[file].path, audioHash: hashes[file])
  }

  private func join(
    into path: String, _ each: (String, Tensor) -> Void, _ codes: (_ file: Int) throws -> Tensor
  ) throws {
    let writer = try LabelStoreWriter(at: path, description: description)
    for (file, entry) in audio.files.enumerated() {
      let codes = try codes(file)
      try writer.append(
        entry.path, codes: codes, samples: entry.samples, audioHash: hashes[file],
        tolerance: tolerance)
      each(entry.path, codes)
    }
    try writer.finish()
  }
}
