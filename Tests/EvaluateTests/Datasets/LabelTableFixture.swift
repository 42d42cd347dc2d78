import Foundation

/// A table of one's own: four files for each part, low and high ones.
enum LabelTableFixture {
  /// Writes `own/labels.csv` and its audio below a folder.
  /// - Returns: The table.
  @discardableResult
  static func write(below root: URL, seconds: Double = 3) throws -> URL {
    let folder = root.appendingPathComponent("own")
    var lines = ["path,label,split"]
    for split in ["train", "valid", "test"] {
      for index in 0..<4 {
        let isHigh = index.isMultiple(of: 2)
        let name = "audio/\(split)-\(index).wav"
        try writeTone(
          to: folder.appendingPathComponent(name), seconds: seconds, sampleRate: 16_000,
          frequency: (isHigh ? 880 : 220) + Double(index))
        lines.append("\(name),\(isHigh ? "high" : "low"),\(split)")
      }
    }
    let table = folder.appendingPathComponent("labels.csv")
    try Data(lines.joined(separator: "\n").utf8).write(to: table)
    return table
  }
}
