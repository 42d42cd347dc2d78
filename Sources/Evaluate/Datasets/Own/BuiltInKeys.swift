import Corpus
import Foundation

/// The keys of the pieces that `etude synth` wrote, as a data set.
enum BuiltInKeys {
  /// - Parameter table: The corpus's `labels.jsonl`.
  /// - Throws: `CorpusError`; `DatasetError` if a part has no piece whose audio is there.
  static func read(_ table: URL) throws -> LabelledDataset {
    let folder = table.deletingLastPathComponent()
    let names = Mode.allCases.flatMap { mode in
      pitchClassNames.map { "\($0) \(mode.rawValue)" }
    }
    var list = ItemList()
    for piece in try CorpusLabels.read(folder) {
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
