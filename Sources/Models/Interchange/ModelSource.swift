import Files
import Foundation
import Tensor

/// A model as it lies on the disk: a folder of ours or of `transformers`, or a checkpoint of fairseq.
///
/// ```swift
/// let source = try ModelSource(folder)
/// print(source.config.width, source.leftOut)
/// let encoder = try source.encoder()
/// ```
///
/// Of a folder's files the first that is there is read: `model.safetensors`, the files of
/// `model.safetensors.index.json`, `pytorch_model.bin`, those of `pytorch_model.bin.index.json`.
/// Pickles are looked at, never run.
public struct ModelSource {
  /// The numbers that make its encoder.
  public let config: AudioEncoder.Config
  private let weights: Weights
  private let headSource: HeadSource

  private enum HeadSource {
    case file(URL)
    case fairseq(FairseqHeads)
  }

  /// Tensors that are known and of no use here: heads of fine-tuning, and what of pre-training has no
  /// counterpart.
  public var leftOut: [String] { weights.leftOut }

  /// Opens a folder, or a file that fairseq wrote.
  /// - Throws: `ModelError`, naming the file.
  public init(_ url: URL) throws {
    let url = URL(fileURLWithPath: url.path)
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), !isFolder.boolValue
    {
      let checkpoint = try FairseqCheckpoint(contentsOf: url)
      (config, weights) = (checkpoint.config, checkpoint.weights)
      headSource = .fairseq(checkpoint.heads)
    } else {
      let foreign = try ModelFolder.readForeignConfig(url)
      config = try ModelFolder.encoderConfig(foreign, in: url)
      var weights = try Weights(folder: url).withoutHead()
      weights.needsMaskEmbedding = foreign.hasMaskEmbedding
      self.weights = weights
      headSource = .file(url.appendingPathComponent(ModelFolder.headsName))
    }
  }

  /// The encoder with its weights.
  /// - Throws: `ModelError.file` if a tensor is missing, unknown or misshapen, or holds NaN.
  public func encoder() throws -> AudioEncoder {
    do {
      try weights.checkSize(numbers: config.weightCount, tensors: config.tensorCount)
      var blank = BlankGenerator()
      var encoder = try AudioEncoder(config, using: &blank)
      try encoder.load(StateDict.import(weights, into: encoder))
      return encoder
    } catch ModelError.tensors(let problem) {
      throw ModelError.file(weights.path, problem: problem)
    }
  }

  /// The heads of its pre-training; empty if it has none.
  /// - Throws: `ModelError.file` if they cannot be read or do not fit together.
  public func heads() throws -> PretrainingHeads {
    let (heads, path): (PretrainingHeads, String)
    switch headSource {
    case .file(let url):
      guard try Presence.kind(of: url.path) != nil else { return PretrainingHeads() }
      (heads, path) = (try PretrainingHeads(contentsOf: url), url.path)
    case .fairseq(let parts):
      path = weights.path
      do {
        heads = try parts.heads()
      } catch ModelError.tensors(let problem) {
        throw ModelError.file(path, problem: problem)
      }
    }
    do {
      try heads.check(width: config.width)
    } catch ModelError.tensors(let problem) {
      throw ModelError.file(path, problem: problem)
    }
    return heads
  }
}

extension AudioEncoder.Config {
  /// How many numbers its weights have at least; a `Double`, so that no configuration is too large.
  fileprivate var weightCount: Double {
    var (count, inputs) = (0.0, 1.0)
    for (channels, kernel) in zip(frontEnd.channels, frontEnd.kernels) {
      count += Double(channels) * inputs * Double(kernel)
      inputs = Double(channels)
    }
    let width = Double(self.width)
    count += inputs * width
    count +=
      Double(rotary == nil ? position.depth : 0) * width * width / Double(position.groups)
      * Double(position.kernel)
    return count + Double(layers) * Double(layerCost(frames: 0).parameters)
  }

  /// How many tensors its weights are at least.
  fileprivate var tensorCount: Int {
    let (layered, tooMany) = layers.multipliedReportingOverflow(
      by: layerCost(frames: 0).tensors)
    let (count, overflow) = layered.addingReportingOverflow(position.depth)
    return tooMany || overflow ? .max : count
  }
}
