import ArgumentParser
import Audio
import Evaluate
import Files
import Foundation
import Models
import Tensor

/// Draws the features of one file.
struct FeaturesPlotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plot", abstract: "Draw a spectrogram, CQT, mel, MFCC or chroma of a file.",
    discussion: """
      Writes an SVG picture with time, pitch or frequency, and a colour bar; any browser shows it.

      Example:
        etude features plot cqt336 corpus/piece-0000.wav \\
          --start 2 --duration 5 --out song.svg
      """)

  private static let spectrogram = "spectrogram"
  private static let kinds = [spectrogram] + FeatureKind.allCases.map(\.rawValue)

  @Argument(help: "What to draw: \(kinds.joined(separator: ", ")).")
  var kind: String

  @Argument(help: "An audio file.")
  var file: String

  @Option(help: ArgumentHelp("Picture to write, ending in .svg.", valueName: "file"))
  var out: String

  @Option(parsing: .unconditional, help: "Where to begin, seconds.")
  var start = 0.0

  @Option(parsing: .unconditional, help: "How much to draw, seconds; all unless given.")
  var duration: Double?

  @Option(help: "Shown above the picture; the file's name unless given.")
  var title: String?

  @OptionGroup var options: FeatureOptions

  func validate() throws {
    guard Self.kinds.contains(kind) else {
      throw ValidationError(
        "\(kind) cannot be drawn; choose one of \(Self.kinds.joined(separator: ", "))")
    }
    guard out.lowercased().hasSuffix(".svg") else {
      throw ValidationError(
        "--out \(out): pictures are written as .svg; a browser or rsvg-convert makes a png of it")
    }
    try require("--start", start, in: 0...10_000_000)
    try require("--duration", duration, in: 0.001...10_000_000)
  }

  func run() throws {
    try FileTarget.check(out)
    let excerpt = try FeatureExcerpt(
      of: file, from: start, seconds: duration, sampleRate: options.sampleRate)
    let name = title ?? URL(fileURLWithPath: file).lastPathComponent
    let picture = try picture(of: excerpt, title: name)
    try AtomicFile.write(Data(picture.svg.utf8), to: URL(fileURLWithPath: out))
    print("wrote \(out)")
  }

  private func picture(of excerpt: FeatureExcerpt, title: String) throws -> FeaturePicture {
    if kind == Self.spectrogram {
      return try excerpt.spectrogram(frameRate: options.frameRate, title: title)
    }
    return try excerpt.picture(
      FeatureKind(named: kind), frameRate: options.frameRate, title: title)
  }
}
