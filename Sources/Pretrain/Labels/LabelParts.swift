import Files
import Foundation
import Tensor

/// The labels made so far for a store that is not finished: a folder beside it, with a file of codes for each
/// audio file. A part is whole or missing, so labelling that was killed goes on where it was.
///
/// A part belongs to a teacher as it is fitted, a rate and the contents of the audio; one of others is made again.
/// Safe to use from several threads, for different files.
public struct LabelParts: Sendable {
  private let folder: URL
  private let description: LabelStore.Description
  /// Changes when the teacher's numbers do: those fitted on another CPU may differ.
  private let fit: UInt64

  /// The parts of a store, some of which may be there.
  ///
  /// - Parameters:
  ///   - path: The store's path.
  ///   - description: What the store says of its labels.
  ///   - teacher: What makes them.
  /// - Throws: `FileError` if their folder cannot be made.
  public init(
    for path: String, description: LabelStore.Description, of teacher: any LabelTeacher
  ) throws {
    folder = URL(fileURLWithPath: path + ".parts")
    self.description = description
    fit = teacher.tensors.contentHash
    try AtomicFolder.make(folder)
    try AtomicFile.removeUnfinished([""], in: folder)
  }

  /// The codes of a file, int32 `[codebooks, frames]`; nil if there is no part of this teacher and audio.
  public func codes(of name: String, audioHash: UInt64) -> Tensor? {
    guard let file = try? SafeTensors(contentsOf: url(of: name)),
      file.metadata == metadata(audioHash: audioHash),
      let codes = try? file.tensor("codes"),
      codes.dtype == .int32, codes.rank == 2, codes.shape[0] == description.codebookSizes.count
    else { return nil }
    return codes
  }

  /// Keeps the codes of a file, int32 `[codebooks, frames]`.
  /// - Throws: `FileError`.
  public func write(_ codes: Tensor, of name: String, audioHash: UInt64) throws {
    try SafeTensors.write(
      ["codes": codes], to: url(of: name), metadata: metadata(audioHash: audioHash))
  }

  /// Removes the folder, after the store is finished.
  public func remove() { try? FileManager.default.removeItem(at: folder) }

  private func metadata(audioHash: UInt64) -> [String: String] {
    [
      "teacher": description.teacher, "fit": String(fit, radix: 16), "rate": "\(description.rate)",
      "codebooks": "\(description.codebookSizes)", "audio": String(audioHash, radix: 16),
    ]
  }

  private func url(of name: String) -> URL {
    var hash = ContentHash()
    hash.update(Data(name.utf8))
    return folder.appendingPathComponent(String(hash.value, radix: 16) + ".safetensors")
  }
}

extension [String: Tensor] {
  /// Changes when a name or a number does.
  fileprivate var contentHash: UInt64 {
    var hash = ContentHash()
    for (name, tensor) in sorted(by: { $0.key < $1.key }) {
      hash.update(Data(name.utf8))
      tensor.read { hash.update(Data(buffer: $0)) }
    }
    return hash.value
  }
}
