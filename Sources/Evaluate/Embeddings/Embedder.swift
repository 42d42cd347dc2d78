import Audio
import Files
import Foundation
import MelModels
import Models
import Tensor

/// What turns a stretch of audio into a vector for each of its layers: a model, or a hand-made statistic.
public struct Embedder: Sendable {
  /// The name in tables.
  public let name: String
  /// What distinguishes its numbers from those of every other embedder.
  public let hash: UInt64
  /// Samples a second that it takes.
  public let sampleRate: Int
  /// Frames a second.
  public let frameRate: Double
  /// How many layers there are; layer 0 of a model is what enters its first transformer layer.
  public let layers: Int
  /// The length of the vector of a layer.
  public let width: Int
  /// How the frames of a stretch become a vector.
  let pooling: FrameFeatures.Pooling
  /// A whole file as its frames want it.
  let prepare: @Sendable ([Float]) -> [Float]
  /// The frames of a stretch of what `prepare` returned, `[T, D]` for each layer.
  let frames: @Sendable ([Float]) throws -> [Tensor]
  /// The model that can be trained further; nil for a hand-made statistic.
  var encoder: (any Encoder)?
  /// What passes of the model compute in.
  var precision = Precision.fp32
}

extension Embedder {
  /// Part of `hash`; is raised when decoding, resampling or pooling change the vectors, so that stored ones of before
  /// are not found.
  private static let format = 1

  /// A model: the mean of the hidden states over a stretch. A file is prepared as a whole, as MARBLE does.
  ///
  /// - Parameters:
  ///   - encoder: The model.
  ///   - name: Its name in tables.
  ///   - precision: What its passes compute in.
  public init(_ encoder: some Encoder, name: String, precision: Precision = .fp32) {
    let config = encoder.config
    var hash = ContentHash()
    hash.update(Data("\(config) \(precision) \(Self.format)".utf8))
    hash.update(stateOf: encoder)
    self.init(
      name: name, hash: hash.value, sampleRate: config.sampleRate, frameRate: config.frameRate,
      layers: config.layers + 1, width: config.width, pooling: .mean,
      prepare: { config.prepare($0) },
      frames: { samples in
        // A clip of half a minute is one pass, as in the published evaluations.
        let states = try encoder.stackedHiddenStates(
          ofPrepared: samples, precision: precision, windows: EncoderWindows(seconds: 60))
        return (0..<states.shape[0]).map {
          states.sliced(axis: 0, $0..<$0 + 1).reshaped([states.shape[1], states.shape[2]])
        }
      }, encoder: encoder, precision: precision)
  }
}

extension Embedder {
  /// What a front end makes of audio: the mean and the standard deviation of its frames over a stretch. The row that
  /// a model has to beat.
  ///
  /// - Parameters:
  ///   - kind: The front end.
  ///   - name: The name in tables; that of the front end if nil.
  /// - Throws: `FeatureError`.
  public init(_ kind: FeatureKind, named name: String? = nil) throws(FeatureError) {
    let frontEnd = try kind.frontEnd(sampleRate: Self.handMadeRate)
    self.init(
      handMade: name ?? kind.rawValue, width: frontEnd.width, frameRate: frontEnd.frameRate,
      frames: { [frontEnd($0)] })
  }

  /// The mean and the standard deviation of 12 pitch classes of a constant-Q transform, each frame standardised: the
  /// hand-made feature that tells most of the key.
  public static let constantQChroma: Embedder = {
    let constantQ = LogConstantQ(sampleRate: handMadeRate)
    return Embedder(
      handMade: "cqt-chroma", width: 12, frameRate: 75,
      frames: { [constantQ.chroma(of: constantQ($0))] })
  }()

  /// The embedder of a name of hand-made features; nil if there is none of this name.
  public init?(handMade name: String) {
    if name == Self.constantQChroma.name {
      self = .constantQChroma
    } else if let kind = Self.kinds[name], let embedder = try? Embedder(kind, named: name) {
      self = embedder
    } else {
      return nil
    }
  }

  /// The names that `init(handMade:)` takes.
  public static let handMadeNames =
    ["log-mel", "cqt-chroma", "mfcc"] + FeatureKind.allCases.map(\.rawValue)

  private static let kinds: [String: FeatureKind] = {
    let pairs = FeatureKind.allCases.map { ($0.rawValue, $0) }
    return Dictionary(uniqueKeysWithValues: pairs + [("log-mel", .logmel128), ("mfcc", .mfcc39)])
  }()

  private static let handMadeRate = 24_000

  private init(
    handMade name: String, width: Int, frameRate: Double,
    frames: @escaping @Sendable ([Float]) throws -> [Tensor]
  ) {
    var hash = ContentHash()
    hash.update(Data("\(name) \(Self.format)".utf8))
    self.init(
      name: name, hash: hash.value, sampleRate: Self.handMadeRate, frameRate: frameRate, layers: 1,
      width: 2 * width, pooling: .meanAndDeviation, prepare: { $0 }, frames: frames)
  }
}
