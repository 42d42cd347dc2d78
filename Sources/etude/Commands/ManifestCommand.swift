import ArgumentParser
import Audio
import Files
import Foundation
import Tensor

/// Lists the usable audio files of a folder.
struct ManifestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manifest",
    abstract: "Check every audio file of a folder and list the intact ones.",
    discussion: """
      Writes fairseq's tsv: the folder, then a line `path<TAB>samples` for each file. Files that \
      are empty, cut off, damaged, silent, too short or not audio are named on standard error and left \
      out. Every file is decoded to its end, whatever length its header states. A byte of a name \
      that is not UTF-8 is written as \\x and two digits.

      Example: etude manifest corpus --out music.tsv
      """)

  @Argument(help: "A folder; folders in it are searched, too.")
  var folder: String

  @Option(help: "The file for the list.")
  var out: String

  @Option(parsing: .unconditional, help: "Shorter files are left out, seconds.")
  var minimumSeconds = 1.0

  @Flag(help: "Print one JSON object about the result.")
  var json = false

  func validate() throws {
    try requirePath("--out", out)
    try require("--minimum-seconds", minimumSeconds, in: 0...10_000_000)
  }

  func run() throws {
    try FileTarget.check(out)
    let line = ProgressLine("check")
    let scan = try Manifest.scan(folder, minimumSeconds: minimumSeconds) { line.show($0, of: $1) }
    for file in scan.skipped { note(file.description) }
    try scan.manifest.write(to: out)
    let (files, skipped) = (scan.manifest.entries.count, scan.skipped.count)
    print(
      json
        ? "{\"files\":\(files),\"skipped\":\(skipped)}"
        : "\(out): \(files) files listed, \(skipped) left out")
  }
}
