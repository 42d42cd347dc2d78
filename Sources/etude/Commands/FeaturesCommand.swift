import ArgumentParser
import Audio
import Files
import Foundation
import HDF5
import Pretrain
import Settings
import Tensor

/// Computes features, and draws them.
struct FeaturesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "features",
    abstract: "Compute the features of audio: mfcc39, mel, cqt336 and others; or draw them.",
    usage: """
      etude features <kind> <audio> --out <file>
      etude features plot <kind> <file> --out <file.svg>
      """,
    discussion: """
      Kinds: \(FeatureKind.allCases.map(\.rawValue).joined(separator: ", ")).

      For one file: writes an array `features` [frames, width] float32, as .safetensors, .npy or .h5. \
      For a folder, a tar file or a manifest: fills one store, .h5, on all cores. A command that was stopped \
      continues where it was, and an existing store gets only new and changed files.

      `etude features compute --help` lists the options.

      Examples:
        etude features cqt336 corpus/piece-0000.wav --out song.npy
        etude features logmel128 corpus --out music.h5
        etude features plot cqt336 corpus/piece-0000.wav --out song.svg
      """,
    subcommands: [Compute.self, FeaturesPlotCommand.self], defaultSubcommand: Compute.self)
}

/// What features are computed from.
struct FeatureOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: "Files are resampled to this rate, Hz.")
  var sampleRate = 24_000

  @Option(
    parsing: .unconditional, help: "Frames per second; 100 for mfcc and 75 for others unless given."
  )
  var frameRate: Double?

  func validate() throws {
    try require("--sample-rate", sampleRate, in: 1...1_000_000)
    try require("--frame-rate", frameRate, in: 0.01...1_000_000)
  }
}

extension FeaturesCommand {
  /// Features of a file or of a collection.
  struct Compute: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "compute", abstract: "Compute features; the word compute may be left out.",
      discussion: """
        Examples:
          etude features cqt336 corpus/piece-0000.wav --out song.npy
          etude features logmel128 corpus --out music.h5
        """)

    @Argument(
      help: "What to compute: \(FeatureKind.allCases.map(\.rawValue).joined(separator: ", ")).")
    var kind: String

    @Argument(
      help: ArgumentHelp(
        "An audio file (wav, flac, ogg, opus, mp3, aiff), a folder, a tar file, or a manifest (.tsv).",
        valueName: "audio"))
    var input: String

    @Option(
      help: ArgumentHelp(
        "Where the features go: .safetensors, .npy or .h5; .h5 for a collection.",
        valueName: "file"))
    var out: String

    @OptionGroup var options: FeatureOptions
    @OptionGroup var threads: ThreadOptions

    @Flag(help: "Print one JSON object about the result.")
    var json = false

    func run() throws {
      threads.apply()
      let format = try ArrayFile.format(of: out)
      try FileTarget.check(out, seeking: true)
      let kind = try FeatureKind(named: kind)
      guard Manifest.isCollection(input) else { return try writeFile(kind, as: format) }
      guard format == .h5 else {
        throw ValidationError(
          "--out \(out): the features of a collection go to a store, whose name ends in .h5")
      }
      try fillStore(kind)
    }

    private func report(_ result: FeatureResult) throws {
      print(json ? try result.json() : "\(out): \(result)")
    }
  }
}

// MARK: - One file

extension FeaturesCommand.Compute {
  private func writeFile(_ kind: FeatureKind, as format: ArrayFile.Format) throws {
    let frontEnd = try kind.frontEnd(
      sampleRate: options.sampleRate, frameRate: options.frameRate)
    let stored = FeatureFormat(of: kind, by: frontEnd)
    var frames = 0
    if format == .h5 {
      try checkStore()
      let writer = try FeatureStoreWriter(at: out, format: stored)
      try writer.append(input, audioHash: ContentHash.ofFile(at: input)) {
        try frontEnd.forEachBlock(ofFile: input, $0)
      }
      try writer.finish()
      frames = writer.frames
    } else {
      let metadata = [
        "kind": kind.rawValue, "sampleRate": "\(stored.sampleRate)",
        "hopLength": "\(stored.hopLength)",
      ]
      try ArrayFile.write("features", rowsOf: stored.width, to: out, metadata: metadata) { add in
        try frontEnd.forEachBlock(ofFile: input) { block in
          frames += block.shape[0]
          try add(block)
        }
      }
    }
    try report(FeatureResult(frames: frames, format: stored))
  }

  /// Refuses to replace a store of other files, which may be those of a whole collection.
  private func checkStore() throws {
    guard let files = try? FeatureStore(at: out).files.map(\.name), let first = files.first,
      files != [input]
    else { return }
    throw FileError.unsuitable(
      path: out,
      reason: "is a store of other audio, as '\(first)'; name another file, or remove it")
  }
}

// MARK: - A collection

extension FeaturesCommand.Compute {
  private func fillStore(_ kind: FeatureKind) throws {
    let scan = try Manifest.open(input)
    for file in scan.skipped { note(file.description) }
    let extraction = try FeatureExtraction(
      kind, of: scan.manifest, into: out, sampleRate: options.sampleRate,
      frameRate: options.frameRate)
    let summary = try extraction.run(watch: FeatureProgress().show)
    try report(
      FeatureResult(
        frames: summary.frames, format: extraction.format, files: summary.files,
        kept: summary.kept, skipped: summary.skipped + scan.skipped.count,
        dropped: summary.dropped))
  }
}

/// Shows what an extraction does, on standard error.
private final class FeatureProgress {
  private let computing = ProgressLine("features")
  private var joining: ProgressLine?

  func show(_ event: FeatureExtraction.Event) {
    switch event {
    case .computing(let done, let total): computing.show(done, of: total)
    case .skipped(let file, let reason): note("left out \(file): \(reason)".asOneLine)
    case .joining(let done, let total):
      let line = joining ?? ProgressLine("store")
      line.show(done, of: total)
      joining = line
    }
  }
}

/// The summary at the end.
private struct FeatureResult: Encodable, CustomStringConvertible {
  var frames: Int
  var width: Int
  var frameRate: Double
  var sampleRate: Int
  var files: Int?
  var kept: Int?
  var skipped: Int?
  var dropped: Int?

  init(
    frames: Int, format: FeatureFormat, files: Int? = nil, kept: Int? = nil, skipped: Int? = nil,
    dropped: Int? = nil
  ) {
    (self.frames, width) = (frames, format.width)
    (frameRate, sampleRate) = (format.frameRate, format.sampleRate)
    (self.files, self.kept, self.skipped, self.dropped) = (files, kept, skipped, dropped)
  }

  var description: String {
    let size = "\(frames) frames × \(width) at \(frameRate) frames per second"
    guard let files, let kept, let skipped, let dropped else { return size }
    let left = dropped > 0 ? ", \(dropped) of the former store dropped" : ""
    return "\(files) files (\(kept) known before), \(skipped) left out\(left); \(size)"
  }

  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}
