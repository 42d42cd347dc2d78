import ArgumentParser
import Audio
import Foundation
import Models
import Tensor

/// Computes the features of one file.
struct FeaturesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "features",
    abstract: "Compute the features of an audio file: mfcc39, mel, cqt336 and others.",
    discussion: """
      Writes one tensor, `features` [frames, width] float32.

      Example: etude features cqt336 song.flac --out song.safetensors
      """)

  @Argument(
    help: "What to compute: \(FeatureKind.allCases.map(\.rawValue).joined(separator: ", ")).")
  var kind: String

  @Argument(help: "An audio file: wav, flac, ogg, opus, mp3 or aiff.")
  var file: String

  @Option(help: "Where the features go; the name ends in .safetensors.")
  var out: String

  @Option(help: "The file is resampled to this rate, Hz.")
  var sampleRate = 24_000

  @Option(help: "Frames per second; 100 for mfcc and 75 for others unless given.")
  var frameRate: Double?

  @Flag(help: "Print one JSON object about the result.")
  var json = false

  func validate() throws {
    guard out.hasSuffix(".safetensors") else {
      throw ValidationError("--out \(out): the name must end in .safetensors")
    }
    if sampleRate < 1 { throw ValidationError("--sample-rate: needs at least 1 Hz") }
  }

  func run() throws {
    let kind = try FeatureKind(named: kind)
    let frontEnd = try kind.frontEnd(sampleRate: sampleRate, frameRate: frameRate)
    let features = frontEnd(try AudioFile.decode(file, sampleRate: sampleRate))
    try SafeTensors.write(
      ["features": features], to: URL(fileURLWithPath: out),
      metadata: [
        "format": "pt", "kind": kind.rawValue, "sampleRate": "\(sampleRate)",
        "hopLength": "\(frontEnd.hopLength)",
      ])
    report(features, frontEnd)
  }

  private func report(_ features: Tensor, _ frontEnd: any FrontEnd) {
    let (frames, width) = (features.shape[0], features.shape[1])
    if json {
      print(
        "{\"frames\":\(frames),\"width\":\(width),\"frameRate\":\(frontEnd.frameRate),"
          + "\"sampleRate\":\(sampleRate)}")
    } else {
      print("\(out): \(frames) frames × \(width) at \(frontEnd.frameRate) frames per second")
    }
  }
}
