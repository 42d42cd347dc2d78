import Corpus
import Files
import Foundation

/// The keys of the pieces that `etude synth` wrote, as a data set.
enum BuiltInKeys {
  /// - Parameter table: The corpus's `labels.jsonl`, or some of its lines under another name beside the audio.
  /// - Throws: `CorpusError`; `DatasetError` if there is no such file, or a part has no piece whose audio is there.
  static func read(_ table: URL) throws -> LabelledDataset {
    guard try Presence.kind(of: table.path) != nil else {
      throw DatasetError.unreadable(table.path, reason: "no such file")
    }
    let folder = table.deletingLastPathComponent()
    let names = Mode.allCases.flatMap { mode in
      pitchClassNames.map { "\($0) \(mode.rawValue)" }
    }
    var list = ItemList()
    for piece in try CorpusLabels.read(file: table) {
      list.add(piece.file) { () throws(Unusable) in
        let key = "\(pitchClassNames[piece.key.tonic]) \(piece.key.mode.rawValue)"
        return LabelledItem(
          path: try AudioLocation.listed(piece.file, in: folder), name: piece.file,
          split: TrackSplit.part(of: piece.file), truth: .label(names.firstIndex(of: key)!))
      }
    }
    return try list.dataset(
      at: table.path, remedy: "render more with 'etude synth'", classes: names,
      remarks: [TrackSplit.remark])
  }
}
