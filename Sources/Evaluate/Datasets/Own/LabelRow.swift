import Audio
import Files
import Foundation

/// A row of a `LabelTable`.
struct LabelRow {
  /// Its number in the file.
  var line: Int
  /// As written.
  var path: String
  /// The part of the file that is meant, seconds; nil for all of it.
  var time: Range<Double>?
  /// As given, or by the hash of the track.
  var split: Split
  /// What rows of one recording have in common.
  var track: String

  /// The path, and the time if it has one: `a.wav 1.5-3.0 s`.
  var name: String {
    time.map { "\(path) \($0.lowerBound)-\($0.upperBound) s" } ?? path
  }

  /// The file as every spelling of its path has it, links followed.
  /// - Parameter table: The file of the table.
  func resolved(from table: URL) -> String { AudioLocation.resolved(located(from: table)) }

  private func located(from table: URL) -> String {
    path.hasPrefix("/")
      ? path : table.deletingLastPathComponent().appendingPathComponent(path).path
  }

  /// The full path of the audio.
  /// - Parameter table: The file of the table, in whose folder relative paths begin.
  /// - Throws: `Unusable` if there is no such file.
  func file(from table: URL) throws(Unusable) -> String {
    let file = located(from: table)
    // By the bytes of the name, as the decoder finds it.
    guard FileStamp(ofAudio: file) != nil, !Manifest.isFolder(file) else {
      throw Unusable("no such file")
    }
    return file
  }
}
