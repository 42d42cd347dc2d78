import ArgumentParser
import Audio
import Corpus
import Foundation

/// `etude synth`: the built-in corpus.
struct SynthCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "synth",
    abstract: "Render the built-in corpus: music with labels (key, chords, beats, notes).",
    discussion: """
      Writes 24 kHz mono wav files and labels.jsonl. The same seed and length give the same samples. A \
      piece has one key and tempo throughout; in longer ones sections A, B and C return.

      Example: etude synth --out corpus --minutes 40 --seed 1
      """)

  @Option(help: ArgumentHelp("Folder to write: new, empty or a former corpus.", valueName: "dir"))
  var out: String

  @Option(parsing: .unconditional, help: "Length of the whole corpus, in minutes.")
  var minutes: Double = 40

  @Option(parsing: .unconditional, help: "Length of each piece, in seconds, 8 to 60.")
  var pieceSeconds: Float = Corpus.pieceSeconds

  @Option(parsing: .unconditional, help: "The seed of all random draws, 0 or more.")
  var seed: UInt64 = 0

  func validate() throws {
    try requirePath("--out", out)
    try require("--minutes", minutes, in: 0.07...1_000_000)
    try require("--piece-seconds", pieceSeconds, in: Corpus.possibleSeconds)
  }

  func run() throws {
    let started = Date()
    let folder = URL(filePath: out, directoryHint: .isDirectory)
    var lastReport = started
    try Corpus.write(
      to: folder, minutes: minutes, seed: seed, pieceSeconds: pieceSeconds
    ) { done, total in
      guard done == total || Date().timeIntervalSince(lastReport) >= 2 else { return }
      lastReport = Date()
      note(progress(done, of: total, after: lastReport.timeIntervalSince(started)))
    }
    print("wrote \(folder.path)")
  }

  private func progress(_ done: Int, of total: Int, after seconds: Double) -> String {
    let rate = Double(done) * Double(pieceSeconds) / seconds
    let left = seconds / Double(done) * Double(total - done)
    let numbers = String(format: "%.0f x real time, %.0f s left", rate, left)
    return "\(done) of \(total) pieces, \(numbers)"
  }
}
