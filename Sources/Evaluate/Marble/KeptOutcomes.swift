import Files
import Foundation
import Tensor
import Train

/// The outcomes of a folder, one file each, so that what was stopped goes on with the next; and how far the long
/// trainings of the one that is worked on have come.
///
/// A file is named by the hash of all that an outcome depends on: the build of this program, the model, the items with
/// their labels and the sizes and times of their files, the setting and the grid. One that cannot be read is made anew.
struct KeptOutcomes {
  let folder: URL

  /// The outcome of a job that was done before; nil if it was not.
  func outcome(of job: ProbingJob) -> MarbleOutcome? {
    guard job.isModelKept, let data = try? Presence.content(of: file(of: job)) else { return nil }
    return try? MarbleJSON.decoder.decode(MarbleOutcome.self, from: data)
  }

  /// Writes the outcome of a job, and removes what its trainings kept.
  /// - Throws: `FileError`.
  func keep(_ outcome: MarbleOutcome, of job: ProbingJob) throws {
    try AtomicFolder.make(folder)
    try AtomicFile.write(try MarbleJSON.encoder.encode(outcome), to: file(of: job))
    if let trainings = job.trainings { try? FileManager.default.removeItem(at: trainings) }
  }

  /// Where the long trainings of a job keep how far they have come.
  func trainings(of job: ProbingJob) -> URL {
    file(of: job).deletingPathExtension().appendingPathExtension("trainings")
  }

  private func file(of job: ProbingJob) -> URL {
    folder.appendingPathComponent("\(job.task.name)-\(String(job.identity, radix: 16)).json")
  }
}

extension ProbingJob {
  /// The hash of all that its outcome depends on.
  var identity: UInt64 {
    var hash = ContentHash()
    hash.update(Data("\(RunInformation.Work.build)\0\(embedder.name)\0".utf8))
    hash.update(Data("\(embedder.hash)\0\(task.name)\0".utf8))
    hash.update(Data("\(setting)\0\(grid)\0\(dataset.classes)\0\(dataset.remarks)\0".utf8))
    hash.update(Data("\(dataset.leftOut)".utf8))
    for digest in Cores.map(dataset.items.count, { dataset.items[$0].digest }) {
      hash.update(Data("\0\(digest)".utf8))
    }
    return hash.value
  }
}

extension LabelledItem {
  /// What it is, and which files it has.
  fileprivate var digest: UInt64 {
    var files = [AudioClip(path: path, time: time).key]
    if case .stems(let stems) = truth {
      files += stems.values.sorted().map { AudioClip(path: $0).key }
      return ContentHash.of("\(name) \(split) \(files)")
    }
    return ContentHash.of("\(name) \(split) \(truth) \(files)")
  }
}

extension ContentHash {
  fileprivate static func of(_ text: String) -> UInt64 {
    var hash = ContentHash()
    hash.update(Data(text.utf8))
    return hash.value
  }
}

/// How scores are written: they may be infinite.
enum MarbleJSON {
  static var encoder: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return encoder
  }

  static var decoder: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return decoder
  }
}
