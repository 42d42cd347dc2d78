import Foundation

/// A MagnaTagATune of 24 clips of 3 s, eight in each part, and of one that is broken. 2.3 MB.
///
/// In each part, six clips have the tag `guitar`, five `no vocals`, four `slow`, three `female voice`; one has no tag.
/// No clip has `choral`. The pitch of a clip follows from its tags.
enum MagnaTagATuneFixture {
  /// The tags of the table, in its order.
  static let columns = ["female voice", "slow", "choral", "guitar", "no vocals"]

  /// The tags of the clips of each part.
  private static let clips: [Set<String>] = [
    ["guitar", "no vocals"], ["guitar", "no vocals", "slow"], ["guitar", "slow", "female voice"],
    ["guitar", "no vocals"], ["guitar", "no vocals", "slow"], ["guitar", "female voice"],
    ["no vocals", "slow", "female voice"], [],
  ]

  /// A folder of each clip, for each part.
  private static let folders = [
    ["0", "0", "0", "0", "b", "b", "b", "b"], [String](repeating: "c", count: 8),
    ["d", "d", "d", "d", "f", "f", "f", "f"],
  ]

  /// Writes `MTT` into a folder.
  static func write(to root: URL, seconds: Double = 3) throws {
    let folder = root.appendingPathComponent("MTT")
    var rows = [(["clip_id"] + columns + ["mp3_path"]).joined(separator: "\t")]
    for (part, names) in folders.enumerated() {
      for (i, tags) in clips.enumerated() {
        let path = "\(names[i])/artist-song-\(part)\(i)-0-29"
        try writeStrokes(
          to: folder.appendingPathComponent("mp3/\(path).wav"), seconds: seconds,
          sampleRate: 16_000,
          frequency: pitch(of: tags))
        rows.append(row(id: "\(part)\(i)", tags, path: "\(path).mp3"))
      }
    }
    rows.append(row(id: "35644", ["guitar"], path: "6/norine_braun-now_and_zen-08-gently.mp3"))
    try writeFile(
      rows.joined(separator: "\n") + "\n",
      to: folder.appendingPathComponent("annotations_final.csv"))
  }

  /// A line of the table.
  static func row(id: String, _ tags: Set<String>, path: String) -> String {
    ([id] + columns.map { tags.contains($0) ? "1" : "0" } + [path]).joined(separator: "\t")
  }

  private static func pitch(of tags: Set<String>) -> Double {
    let weights = ["guitar": 1.0, "no vocals": 2, "slow": 4, "female voice": 8]
    return 200 * exp2(tags.map { weights[$0]! }.reduce(0, +) / 5)
  }
}
