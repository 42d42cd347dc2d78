import Audio
import Files
import Foundation
import Models
import Settings
import Tensor

/// A quantiser with the frames that it takes, as a file keeps both: `teacher-N.safetensors` beside labels.
///
/// The tensors are the quantiser's state. The file's metadata names its kind and its frames:
///
/// | `quantizer` | `features` | `sample_rate` | `hop` | `ratio` | `stack` | `normalizes_waveform` |
/// |---|---|---|---|---|---|---|
/// | `projectedRVQ` | `logmel128` | `24000` | `320` | `1` | `1` | `true` |
public struct StoredQuantizer: Sendable {
  /// What assigns the codes.
  public let quantizer: any FrameQuantizer
  /// What computes the frames.
  public let frames: StackedFrames

  private static let kinds: [any FrameQuantizer.Type] = [
    RandomProjectionQuantizer.self, ProjectedQuantizer.self,
  ]

  /// A quantiser of frames.
  /// - Traps when: they differ in width.
  public init(_ quantizer: any FrameQuantizer, of frames: StackedFrames) {
    precondition(
      quantizer.width == frames.width,
      "StoredQuantizer: a quantiser of \(quantizer.width) channels for frames of \(frames.width)")
    (self.quantizer, self.frames) = (quantizer, frames)
  }

  /// Codes of frames, int32 `[frames, codebooks]`.
  public func codes(of frames: Tensor) -> Tensor { quantizer.codes(of: frames) }

  /// The tensors of its file.
  public var tensors: [String: Tensor] {
    Dictionary(uniqueKeysWithValues: quantizer.state.map { ($0.path, $0.tensor) })
  }

  /// The metadata of its file.
  public var metadata: [String: String] {
    [
      Key.kind: type(of: quantizer).kind, Key.features: frames.kind.rawValue,
      Key.sampleRate: "\(frames.sampleRate)", Key.hop: "\(frames.hopLength)",
      Key.ratio: "\(frames.ratio)", Key.stack: "\(frames.stack)",
      Key.normalizesWaveform: "\(frames.normalizesWaveform)",
    ]
  }

  private enum Key {
    static let (kind, features, sampleRate) = ("quantizer", "features", "sample_rate")
    static let (hop, ratio, stack) = ("hop", "ratio", "stack")
    static let normalizesWaveform = "normalizes_waveform"
  }

  /// Reads the file of a quantiser.
  /// - Throws: `FileError` if it is missing, damaged, or holds something else.
  public init(contentsOf url: URL) throws {
    let metadata = try SafeTensors(contentsOf: url).metadata
    func flaw(_ reason: String) -> FileError {
      .unsuitable(
        path: url.path,
        reason: "not a quantiser, \(reason); name teacher-N.safetensors beside labels of a "
          + "quantiser")
    }
    func number(_ key: String) throws(FileError) -> Int {
      guard let value = metadata[key].flatMap(Int.init), (1...1 << 24).contains(value) else {
        throw flaw("its metadata has no proper '\(key)'")
      }
      return value
    }
    guard let kind = Self.kinds.first(where: { $0.kind == metadata[Key.kind] }) else {
      throw flaw("its metadata names no known kind")
    }
    guard let features = metadata[Key.features].flatMap(FeatureKind.init(rawValue:)),
      let normalizes = metadata[Key.normalizesWaveform].flatMap(Bool.init)
    else { throw flaw("its metadata does not name the features") }
    let (rate, hop, ratio) = (
      try number(Key.sampleRate), try number(Key.hop), try number(Key.ratio)
    )
    var config = StackedFrames.Config()
    let frameRate = Double(rate) / Double(hop)
    (config.features, config.featureRate) = (features, frameRate * Double(ratio))
    config.stack = try number(Key.stack)
    do {
      try config.validate()
      frames = try StackedFrames(
        config, sampleRate: rate, frameRate: frameRate, normalizesWaveform: normalizes)
      quantizer = try kind.init(state: SafeTensors.finiteTensors(contentsOf: url))
    } catch let error as InvalidSetting {
      throw flaw("\(error)")
    } catch let error as ModelError {
      throw flaw("\(error)")
    }
    guard quantizer.width == frames.width else {
      throw flaw("its frames have \(frames.width) channels and its codebooks \(quantizer.width)")
    }
  }
}
