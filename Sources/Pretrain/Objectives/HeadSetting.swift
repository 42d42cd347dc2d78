import Models
import Settings

/// A head as a recipe asks for it, in `objective`: it makes the head, and gives what must be known of it before.
public protocol HeadSetting: Configuration {
  /// Its name in a recipe's `objective`, and of its term in the log: `cqt`.
  static var name: String { get }
  /// The name of its parameters in a checkpoint: `spectrum`. Its `name` unless given.
  static var part: String { get }
  /// Where its targets come from.
  static var source: TargetSource { get }
  /// Whether it predicts something of crops and not of frames: it reads all frames, masked or not, and its loss does not
  /// depend on the weights of either.
  static var readsWholeCrops: Bool { get }
  /// The factor of its loss.
  var weight: Float { get }
  /// The layer whose output it reads, from 1 on; nil for what leaves the encoder.
  var layer: Int? { get }
  /// The layers whose outputs it reads beside what leaves the encoder; its `layer`, unless parts of it have their own.
  var layers: Set<Int> { get }

  /// The untrained head.
  ///
  /// - Parameters:
  ///   - width: The encoder's channels, `D`.
  ///   - codebooks: How many codes each label set has.
  ///   - generator: Draws the initial weights.
  func head(
    width: Int, codebooks: [Int], using generator: inout some RandomNumberGenerator
  ) -> any Head
  /// What it needs of each crop, computed from the clean audio; nil if nothing.
  /// - Throws: If a file that it is made from is missing or does not fit.
  func target(for encoder: any EncoderConfiguration) throws -> (any CropTarget)?
  /// What its targets depend on beside the recipe, in words: the content of files. A run goes on with the same.
  /// - Throws: As above, before any work.
  func identity(for encoder: any EncoderConfiguration) throws -> [String]
  /// Checks that it suits an encoder. The error names settings of the head, and in `others` of the recipe.
  func validate(for encoder: any EncoderConfiguration) throws(InvalidSetting)
  /// What it costs.
  func cost(width: Int, codebooks: [Int]) -> HeadCost
}

extension HeadSetting {
  /// Its `name`.
  public static var part: String { name }
  /// It predicts something of frames.
  public static var readsWholeCrops: Bool { false }
  /// 1.
  public var weight: Float { 1 }
  /// What leaves the encoder.
  public var layer: Int? { nil }
  /// Its own.
  public var layers: Set<Int> { Set([layer].compactMap(\.self)) }
  /// Nothing.
  public func target(for encoder: any EncoderConfiguration) -> (any CropTarget)? { nil }
  /// On nothing.
  public func identity(for encoder: any EncoderConfiguration) throws -> [String] { [] }
  /// It suits every encoder.
  public func validate(for encoder: any EncoderConfiguration) throws(InvalidSetting) {}
}

/// Where the targets of a head come from.
public enum TargetSource: Sendable {
  /// Labels that were made before training.
  case labels
  /// The clean audio of the crop, in the step.
  case crop
  /// The averaged teacher. Such a head predicts masked frames alone.
  case teacher
}

/// What a head costs, for plans.
public struct HeadCost: Sendable {
  /// Numbers that it learns.
  public var parameters: Int
  /// Multiplications of its forward pass at one frame.
  public var products: Double
  /// Float32 numbers kept for the backward pass at one frame, beside the encoder's output.
  public var kept: Double
  /// Float32 numbers that the batch holds for it, for each frame of its crops.
  public var target: Double
  /// Multiplications of its forward pass for each frame of a crop, predicted or not.
  public var cropProducts: Double = 0
  /// Float32 numbers kept for the backward pass for each frame of a crop, predicted or not.
  public var cropKept: Double = 0

  /// All of them; no targets unless given.
  public init(parameters: Int, products: Double, kept: Double, target: Double = 0) {
    (self.parameters, self.products) = (parameters, products)
    (self.kept, self.target) = (kept, target)
  }
}
