import Foundation
import Tensor

/// A model that turns a waveform into frames: what pre-training, training and evaluation need of one.
///
/// A pass has three stages, so that an objective can reach between them: `features` (what a penalty squares),
/// `project` (frames of the encoder's width) and `contextualise` (masked frames replaced, then the layers).
/// The name hides Swift's own `Encoder` where `Models` is imported; that one is `Swift.Encoder`.
public protocol Encoder: Module {
  /// Its numbers.
  associatedtype Config: EncoderConfiguration
  /// Its numbers.
  var config: Config { get }

  /// An untrained encoder.
  /// - Throws: `ModelError.setting`.
  init(_ config: Config, using generator: inout some RandomNumberGenerator) throws(ModelError)

  /// What the front end computes.
  ///
  /// - Parameters:
  ///   - waveform: `[B, samples]`, prepared by `config.prepare(_:)`, all rows of one length.
  ///   - precision: The pass's.
  /// - Returns: `[B, T, C]` in the numbers of `precision`.
  /// - Traps when: a row is too short for one frame.
  func features(_ waveform: Tensor, precision: Precision) -> Tensor

  /// Features as frames of the encoder's width, `[B, T, C] -> [B, T, D]`.
  func project(_ features: Tensor, in pass: ForwardPass) -> Tensor

  /// The layers.
  ///
  /// - Parameters:
  ///   - frames: `[B, T, D]`
  ///   - masked: For each row, the frames that the mask embedding replaces.
  ///   - pass: The pass: what is random and what it keeps.
  /// - Returns: The last hidden state, `[B, T, D]`, or that of `pass.lastLayer`, above which nothing is computed.
  ///   With `.hiddenStates` the pass keeps all that were computed.
  func contextualise(_ frames: Tensor, masked: [[Int]]?, in pass: ForwardPass) -> Tensor

  /// Moves the running averages of its batch norms towards what a training pass measured that kept
  /// `.batchStatistics`: once for each pass of a step, in their order.
  /// - Traps when: they are not those of this encoder's norms.
  mutating func updateStatistics(from measured: [BatchStatistics])

  /// Reads the encoder of a model's folder or file.
  /// - Throws: `ModelError`; `FileError`.
  static func load(_ url: URL) throws -> Self
  /// Writes it into a folder that `load` reads.
  /// - Throws: `FileError`; `ModelError.file` if a number is not finite.
  func save(to folder: URL) throws
}

extension Encoder {
  /// All three stages: the last hidden state, `[B, T, D]`.
  public func callAsFunction(_ waveform: Tensor, in pass: ForwardPass) -> Tensor {
    let features = features(waveform, precision: pass.precision)
    return contextualise(project(features, in: pass), masked: nil, in: pass)
  }

  /// There is nothing to move: an encoder without batch norms.
  public mutating func updateStatistics(from measured: [BatchStatistics]) {
    precondition(
      measured.isEmpty, "\(Self.self): \(measured.count) statistics are not of its norms")
  }
}
