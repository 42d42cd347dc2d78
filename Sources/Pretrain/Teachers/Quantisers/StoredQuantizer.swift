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
      Key.sampleRate: "\(frames.rate.sampleRate)", Key.hop: "\(frames.rate.hop)",
      Key.ratio: "\(frames.ratio)", Key.stack: "\(frames.stack)",
      Key.normalizesWaveform: "\(frames.normalizesWaveform)",
    ]
  }
}

// MARK: - Files

private enum Key {
  static let (kind, features, sampleRate) = ("quantizer", "features", "sample_rate")
  static let (hop, ratio, stack) = ("hop", "ratio", "stack")
  static let normalizesWaveform = "normalizes_waveform"
}

extension StoredQuantizer {
  /// Reads the file of a quantiser.
  /// - Throws: `FileError` if it is missing, damaged, or holds something else.
  public init(contentsOf url: URL) throws {
    let metadata = Metadata(try SafeTensors(contentsOf: url).metadata)
    do {
      frames = try metadata.frames()
      quantizer = try metadata.kind().init(state: SafeTensors.finiteTensors(contentsOf: url))
      try checkWidths()
    } catch let error as InvalidSetting {
      throw Self.refusal(of: url, "\(error)")
    } catch let error as ModelError {
      throw Self.refusal(of: url, "\(error)")
    }
  }

  private func checkWidths() throws(ModelError) {
    guard quantizer.width == frames.width else {
      throw .tensors(
        "its frames have \(frames.width) channels and its codebooks \(quantizer.width)")
    }
  }

  private static func refusal(of url: URL, _ reason: String) -> FileError {
    .unsuitable(
      path: url.path,
      reason: "not a quantiser, \(reason); name teacher-N.safetensors beside labels of one")
  }

  /// What a file says of its tensors.
  private struct Metadata {
    private let words: [String: String]

    init(_ words: [String: String]) { self.words = words }

    private static let kinds: [any FrameQuantizer.Type] = [
      RandomProjectionQuantizer.self, ProjectedQuantizer.self,
    ]

    func kind() throws(InvalidSetting) -> any FrameQuantizer.Type {
      try value(Key.kind) { word in Self.kinds.first { $0.kind == word } }
    }

    func frames() throws(InvalidSetting) -> StackedFrames {
      let rate = LabelRate(sampleRate: try number(Key.sampleRate), hop: try number(Key.hop))
      var config = StackedFrames.Config()
      config.stack = try number(Key.stack)
      try config.validate()
      return try StackedFrames(
        value(Key.features, FeatureKind.init(rawValue:)), rate: rate, ratio: number(Key.ratio),
        stack: config.stack, normalizesWaveform: value(Key.normalizesWaveform, Bool.init))
    }

    private func number(_ key: String) throws(InvalidSetting) -> Int {
      try value(key) { word in Int(word).flatMap { (1...1 << 24).contains($0) ? $0 : nil } }
    }

    private func value<Value>(
      _ key: String, _ read: (String) -> Value?
    ) throws(InvalidSetting) -> Value {
      guard let value = words[key].flatMap(read) else {
        throw InvalidSetting(key, "is \(words[key]?.shortened ?? "missing") in its metadata")
      }
      return value
    }
  }
}
