import Foundation
import Settings

/// The longest name of a run, in bytes; file systems take 255, and a seed and endings are added to it.
private let longestName = 200

/// What a comparison or a run puts into the folder in which runs lie.
private let takenNames: Set = [
  "labels", "stages", "checkpoints", "probe-corpus", "probes", "embeddings", "sounds",
  "report.html", "report.md", "report.json", "report.csv", "report.tex",
]

/// Why a text cannot be the name of a folder; nil if it can.
func folderNameFlaw(_ name: String) -> String? {
  if name.isEmpty { return "is empty" }
  if name.contains("/") { return "has a '/'" }
  if name.hasPrefix(".") { return "begins with a '.'" }
  if name.unicodeScalars.contains(where: \.isControl) { return "has a control character" }
  if name.first!.isWhitespace || name.last!.isWhitespace { return "begins or ends with a blank" }
  if name.utf8.count > longestName { return "is longer than \(longestName) bytes" }
  if takenNames.contains(name.lowercased()) { return "is taken by Etude itself" }
  return nil
}
