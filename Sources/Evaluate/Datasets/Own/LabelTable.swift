import Foundation

/// Music of one's own, in a table that names files and what is true of them.
///
/// A `.csv` (commas) or `.tsv` (tabs) whose first row names the columns, in any order:
///
/// | column | |
/// |---|---|
/// | `path` | the audio, from the table's folder or from the root of the disk |
/// | `label` | its class; or `labels`: any number of tags with a `|` between them; or `number`: a value to predict |
/// | `start`, `end` | seconds; the part of the file that is meant. Without, or with both empty: the whole file |
/// | `split` | `train`, `valid` or `test` |
/// | `track` | what rows of one recording have in common; without, it is the path |
///
/// Without `split`, 60 of 100 tracks are for training, 20 for validation and 20 for the test, by the SHA-1 of `track`:
/// the same on every computer, and whatever else the table holds. A track is in one part only, so that no probe is
/// tested on a recording that it was fitted to. Numbers stay in their unit.
public enum LabelTable {
  /// Reads a table. Classes and tags are numbered in ascending order of their names.
  ///
  /// Rows whose audio is missing are left out.
  /// - Throws: `DatasetError` with the line if the table is malformed, names a part of a file twice, puts a track or
  ///   a file into two splits or has nothing to tell apart; if a split has no audio.
  public static func read(_ path: URL) throws(DatasetError) -> LabelledDataset {
    let columns = try LabelColumns(path)
    let rows = try columns.rows()
    try requireEachOnce(rows, in: path)
    try requireApart(rows, in: path)
    let targets = try LabelTargets(columns)
    var list = ItemList()
    for (row, truth) in zip(rows, targets.truths) {
      list.add(row.name) { () throws(Unusable) in
        let audio = try row.file(from: path)
        return LabelledItem(
          path: audio, name: row.name, split: row.split, truth: truth, time: row.time)
      }
    }
    return try list.dataset(
      at: path.path, remedy: "add rows, or divide them in a column 'split'",
      classes: targets.classes, remarks: columns.split == nil ? [TrackSplit.remark] : [])
  }

  private static func requireEachOnce(
    _ rows: [LabelRow], in path: URL
  ) throws(DatasetError) {
    var lines: [String: Int] = [:]
    for row in rows {
      let part = "\(row.resolved(from: path)) \(row.time.map { "\($0)" } ?? "")"
      if let first = lines.updateValue(row.line, forKey: part) {
        throw .malformed(
          path.path, line: row.line, reason: "names \(row.name) again, after line \(first)")
      }
    }
  }

  /// Tracks, and files under whatever path, are in one part each.
  private static func requireApart(_ rows: [LabelRow], in path: URL) throws(DatasetError) {
    var (tracks, files): ([String: LabelRow], [String: LabelRow]) = ([:], [:])
    for row in rows {
      if let other = tracks.first(row, of: row.track), other.split != row.split {
        throw .malformed(
          path.path, line: row.line,
          reason: "puts '\(row.track)' into \(row.split), line \(other.line) into \(other.split); "
            + "keep a track in one split")
      }
      if let other = files.first(row, of: row.resolved(from: path)), other.split != row.split {
        throw .malformed(
          path.path, line: row.line,
          reason: "'\(row.path)' is in \(row.split), and in line \(other.line) the same file in "
            + "\(other.split); keep a file in one split, under one path")
      }
    }
  }
}

extension [String: LabelRow] {
  /// The first row of a key: nil if it is this one.
  fileprivate mutating func first(_ row: LabelRow, of key: String) -> LabelRow? {
    if let known = self[key] { return known }
    self[key] = row
    return nil
  }
}
