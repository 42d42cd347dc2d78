import ArgumentParser
import Audio
import Files
import Foundation
import HDF5
import MelModels
import Models
import Pretrain
import Tensor
import Train

/// `etude embed`: what the layers of a model make of a file.
struct EmbedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "embed",
    abstract: "Write the hidden states of a model for audio files.",
    discussion: """
      Writes the array hidden_states, [layers, frames, width]: first the input of the first \
      transformer layer, then the output of each; that of MuQ's and MusicFM's last has passed the \
      norm after it. For several files it writes hidden_states.0, \
      hidden_states.1, ..., and the metadata name the files. With --pool mean the frames are averaged, \
      and hidden_states is [layers, width], for several files [files, layers, width]. If one of \
      several files cannot be used, it is named on standard error and left out, without a number. \
      Several files are encoded side by side, one on each core. Layers above the highest of --layers \
      are not computed.

      The ending of --out chooses the format: .safetensors, .h5, or .npy, which holds one array only.

      A file no longer than --window is encoded in one pass. A longer one is cut into the fewest \
      windows of equal length that overlap by --overlap; each computes the half of the overlap that is \
      nearer to its middle.

      Example, after that of 'etude pretrain --help':
        etude embed --model runs/mert/checkpoints/step-1400 \\
          corpus/piece-0000.wav --out song.safetensors
      """)

  /// How the frames of a file become one.
  enum Pool: String, ExpressibleByArgument, CaseIterable {
    case mean
  }

  @OptionGroup var threads: ThreadOptions

  @Option(
    help: ArgumentHelp(
      "A model, or a run, of which the latest checkpoint is taken.", valueName: "dir"))
  var model: String

  @Argument(help: "Audio files.")
  var files: [String]

  @Option(
    help: ArgumentHelp("File to write: .safetensors, .npy or .h5.", valueName: "file"))
  var out: String

  @Option(help: "Which states: all, or numbers from 0 as in 0,4.")
  var layers = "all"

  @Option(help: "The precision of the model, fp32 or bf16; the output is float32.")
  var precision = Precision.fp32

  @Option(help: "Average over the frames: mean.")
  var pool: Pool?

  @Option(
    parsing: .unconditional, help: "The longest window that is encoded in one pass, in seconds.")
  var window: Double = 30

  @Option(parsing: .unconditional, help: "The overlap of two windows of a longer file, in seconds.")
  var overlap: Double = 2

  @Option(parsing: .unconditional, help: "Windows that are encoded at once.")
  var batch = 1

  func validate() throws {
    try requirePath("--model", model)
    if try ArrayFile.format(of: out) == .npy, pool == nil, files.count > 1 {
      throw ArrayFile.severalArrays(files.count, for: out)
    }
    try require("--batch", batch, in: 1...65_536)
    _ = try chosenLayers()
  }

  func run() throws {
    threads.apply()
    try FileTarget.check(out, seeking: true)
    precision.warn()
    let encoder = try Encoders.load(modelPath(model))
    let line = ProgressLine("embed")
    let (embedded, leftOut) = try usableOnAllCores(
      files, progress: { done, total in if total > 1 { line.show(done, of: total) } },
      { try embed($0, encoder) })
    var metadata = ["frame_rate": "\(encoder.config.frameRate)"]
    for (i, file) in embedded.enumerated() { metadata["file.\(i)"] = file.path }
    try ArrayFile.write(named(embedded.map(\.result)), to: out, metadata: metadata)
    print("wrote \(out)" + (leftOut > 0 ? ": \(embedded.count) files, \(leftOut) left out" : ""))
  }

  /// The states of one file: `[layers, frames, width]`, or `[layers, width]` if pooled.
  private func embed(_ file: String, _ encoder: some Encoder) throws -> Tensor {
    let samples = try AudioFile.decode(file, sampleRate: encoder.config.sampleRate)
    do {
      let line = ProgressLine(file)
      let states = try encoder.stackedHiddenStates(
        of: samples, layers: chosenLayers(), precision: precision,
        windows: .init(seconds: window, overlapSeconds: overlap, batchSize: batch),
        progress: { done, total in
          if total > 1, files.count == 1 { line.show(done, of: total) }
        })
      try encoder.checkFinite(states, layers: chosenLayers())
      return pool == .mean ? states.mean(axis: 1) : states
    } catch ModelError.waveform(let problem) {
      throw ModelError.file(file, problem: problem)
    }
  }

  private func named(_ states: [Tensor]) -> [(name: String, tensor: Tensor)] {
    if files.count == 1 { return [("hidden_states", states[0])] }
    if pool != nil { return [("hidden_states", Tensor.stacked(states))] }
    return states.enumerated().map { ("hidden_states.\($0)", $1) }
  }

  private func chosenLayers() throws -> [Int]? {
    if layers == "all" { return nil }
    return try layers.split(separator: ",", omittingEmptySubsequences: false).map { text in
      guard let number = Int(text) else {
        throw ValidationError("--layers \(layers): give all, or numbers as 0,4")
      }
      return number
    }
  }
}
