import Foundation

/// The longest name of a run, in bytes; file systems take 255, and a seed and endings are added to it.
private let longestName = 200

/// What a comparison or a run puts into the folder in which runs lie.
private let takenNames: Set = [
  "labels", "stages", "checkpoints", "probe-corpus", "report.html", "report.md", "report.json",
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

extension Unicode.Scalar {
  /// Line ends, control characters, and those that only direct how others are set.
  fileprivate var isControl: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse: true
    default: false
    }
  }
}

extension String {
  /// Its beginning, if it is long.
  var shortened: String { count > 80 ? prefix(80) + "…" : self }

  /// Fit for one line of an error: control characters as question marks.
  var withoutControlCharacters: String {
    guard unicodeScalars.contains(where: \.isControl) else { return self }
    return unicodeScalars.reduce(into: "") {
      $0.unicodeScalars.append($1.isControl ? "?" : $1)
    }
  }
}
