import Models
import Settings
import Tensor

/// A head of plain regression: the whitened features of the clean crop, by a linear map for each stream.
///
/// `loss = Σ_s w_s mean d(prediction - target) / Σ_s w_s` over frames and numbers, where `d(e)` is `e²` or `|e|`.
///
/// The statistics belong to the head, as buffers: they are measured on a sample of the collection before the first
/// step and kept in every checkpoint.
public struct FeatureRegression: Head {
  /// The numbers of a recipe's `objective.features`.
  public struct Config: Configuration {
    /// Weight of this term in the loss.
    public var weight: Float = 1
    /// The streams, each with a linear map.
    public var streams: [FeatureStream] = []
    /// The distance of a prediction from its target.
    public var distance = Distance.squared
    /// Size of the sample of the collection that statistics are measured on, in frames.
    public var fitFrames = 20_000

    /// No stream yet.
    public init() {}

    /// Streams with names of their own, and counts.
    public func validate() throws(InvalidSetting) {
      try require(notNegative: "weight", weight)
      try requireStreams(streams.map { ($0.name, $0.weight) })
      try require("fitFrames", fitFrames, in: 100...100_000_000)
    }
  }

  /// A stream of features as a recipe asks for it.
  public struct FeatureStream: Configuration {
    /// Name of the stream, in the log: `chroma`.
    public var name = ""
    /// Weight of its loss beside that of the other streams.
    public var weight: Float = 1
    /// What is predicted.
    public var features = StreamFeatures()
    /// How the features are standardised, by statistics of a sample of the collection.
    public var whitening = WhiteningKind.channels
    /// Layer whose output is read, from 1 on; by default what leaves the encoder. The layers above it then learn nothing
    /// of this stream.
    public var layer: Int?

    /// Log-mel energies.
    public init() {}

    /// A name that a line of the log can have, and a weight.
    public func validate() throws(InvalidSetting) {
      try requireStreamName("name", name)
      try require(notNegative: "weight", weight)
    }
  }

  /// The distance of a prediction from its target.
  public enum Distance: String, Codable, Sendable, CaseIterable {
    /// The square of the difference.
    case squared
    /// The absolute difference.
    case absolute
  }

  private let distance: Distance
  private var streams: [Stream]

  /// A stream with what predicts it.
  private struct Stream: Module {
    let setting: FeatureStream
    /// Where its features lie in a row of targets.
    let columns: Range<Int>
    var whitening: Whitening
    var projection: Linear

    mutating func visit(_ visitor: inout some ParameterVisitor) {
      visitor.child("whitening", &whitening)
      visitor.child("projection", &projection)
    }
  }

  /// - Parameters:
  ///   - config: The numbers.
  ///   - hidden: The encoder's channels, `D`.
  ///   - generator: Draws the initial weights.
  public init(_ config: Config, hidden: Int, using generator: inout some RandomNumberGenerator) {
    (distance, streams) = (config.distance, [])
    for (stream, columns) in zip(config.streams, config.streams.map(\.features).columns) {
      streams.append(
        Stream(
          setting: stream, columns: columns,
          whitening: Whitening(stream.whitening, width: columns.count),
          projection: .uniform(from: hidden, to: columns.count, using: &generator)))
    }
  }

  /// The loss of what `StreamTarget` computed, with a term `features.STREAM` for each stream.
  public func loss(at outputs: Tensor, of targets: FrameTargets) -> Loss {
    let features = targets.computed(for: Config.name)
    var (loss, weight) = (Loss(), Float(0))
    for stream in streams {
      let target = stream.whitening(features.sliced(axis: 1, stream.columns))
      let states = targets.outputs(outputs, ofLayer: stream.setting.layer)
      let differences = stream.projection(states) - target
      let part = (distance == .squared ? differences.squared() : differences.abs()).mean()
      loss.add(
        "\(Config.name).\(stream.setting.name)", Loss(total: part), weight: stream.setting.weight)
      weight += stream.setting.weight
    }
    loss.total = loss.total * (1 / weight)
    return loss
  }

  /// `chroma.whitening`, `chroma.projection`, ...
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    for number in streams.indices {
      visitor.child(streams[number].setting.name, &streams[number])
    }
  }
}

extension FeatureRegression: FittedHead {
  /// Measures the statistics of every stream.
  /// - Throws: `TokenError.unfit` if a stream has nothing to predict.
  public mutating func fit(to sample: Tensor, seed: UInt64) throws {
    for number in streams.indices {
      let name = "\(Config.name).\(streams[number].setting.name)"
      do throws(QuantizerError) {
        try streams[number].whitening.fit(
          to: sample.sliced(axis: 1, streams[number].columns))
      } catch {
        throw TokenError.unfit(stream: name, reason: error)
      }
    }
  }
}

extension FeatureRegression.Config: FittedHeadSetting {
  /// `objective.features`
  public static var name: String { "features" }
  /// The clean crop.
  public static var source: TargetSource { .crop }

  /// Those of the streams.
  public var layers: Set<Int> { Set(streams.compactMap(\.layer)) }

  /// Untrained maps, and statistics that are not measured yet.
  public func head(
    width: Int, codebooks: [Int], using generator: inout some RandomNumberGenerator
  ) -> any Head {
    FeatureRegression(self, hidden: width, using: &generator)
  }

  /// The features of all streams.
  public func target(for encoder: any EncoderConfiguration) throws -> (any CropTarget)? {
    try StreamTarget(streams.map(\.features), encoder: encoder)
  }

  /// The models that features are computed with.
  public func identity(for encoder: any EncoderConfiguration) throws -> [String] {
    try streams.map(\.features).identity(of: Self.name)
  }

  /// The features of each stream suit its rates.
  public func validate(for encoder: any EncoderConfiguration) throws(InvalidSetting) {
    try streams.map(\.features).validate(for: encoder)
  }

  /// A map for each stream, its output, targets and differences, and the features of the batch.
  public func cost(width: Int, codebooks: [Int]) -> HeadCost {
    let numbers = streams.reduce(0) { $0 + $1.features.width }
    return HeadCost(
      parameters: numbers * (width + 1), products: Double(numbers) * Double(width),
      kept: 3 * Double(numbers), target: Double(streams.map(\.features).width))
  }
}
