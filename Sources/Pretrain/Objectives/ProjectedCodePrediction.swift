import Audio
import Files
import Foundation
import Models
import Settings
import Tensor

/// MuQ's head: the codes that a fitted quantiser assigns to the clean audio, by the cosine cross-entropy of
/// `CodePrediction`. The quantiser is the file that `teacher.projectedRVQ` leaves beside its labels.
///
/// Source: Zhu et al. 2025; there the head is a linear map and a softmax, and the mean over the codebooks is
/// taken where this is their sum.
public struct ProjectedCodePrediction: Head {
  /// The numbers of a recipe's `objective.projectedRVQ`.
  public struct Config: Configuration {
    /// Weight of this term in the loss.
    public var weight: Float = 1
    /// File of the quantiser: `teacher-N.safetensors` beside the labels of a `teacher.projectedRVQ`.
    public var quantizer: RecipePath?
    /// Number of codebooks of that quantiser.
    public var codebooks = 8
    /// Entries of each of its codebooks.
    public var codes = 1_024
    /// How predictions are compared with the codes.
    public var head = CodePrediction.Config()
    /// The sizes of MuQ's quantiser.
    public init() {}

    /// Counts, and a file.
    public func validate() throws(InvalidSetting) {
      try require(notNegative: "weight", weight)
      try require(
        quantizer != nil, "quantizer",
        "names no file; name teacher-N.safetensors beside labels of teacher.projectedRVQ, which 'etude "
          + "teach' makes")
      try require("codebooks", codebooks, in: 1...1_000)
      try require("codes", codes, in: 2...1_048_576)
    }

    fileprivate var sizes: [Int] { Array(repeating: codes, count: codebooks) }
  }

  private var prediction: CodePrediction

  /// - Parameters:
  ///   - config: The numbers.
  ///   - hidden: The encoder's channels, `D`.
  ///   - generator: Draws the initial weights.
  public init(_ config: Config, hidden: Int, using generator: inout some RandomNumberGenerator) {
    prediction = CodePrediction(
      config.head, hidden: hidden, codebooks: config.sizes, using: &generator)
  }

  /// The loss of the codes that the quantiser computed. Its terms are those of `CodePrediction` with
  /// `projectedRVQ.` before them.
  public func loss(at outputs: Tensor, of targets: FrameTargets) -> Loss {
    prediction.loss(
      at: outputs, computed: targets.computed(for: Config.name), for: Config.name)
  }

  /// The parameters of `CodePrediction`.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    prediction.visit(&visitor)
  }
}

extension ProjectedCodePrediction.Config: WatchedHeadSetting {
  /// Its codebooks.
  public var watchedCodes: WatchedCodes {
    WatchedCodes(
      of: Self.name, codes: codes, codebooks: codebooks, remedy: "name another quantiser")
  }
}

extension ProjectedCodePrediction.Config: HeadSetting {
  /// `objective.projectedRVQ`
  public static var name: String { "projectedRVQ" }
  /// The clean crop.
  public static var source: TargetSource { .crop }
  /// That of `head`.
  public var layer: Int? { head.layer }

  /// An untrained head for its codebooks.
  public func head(
    width: Int, codebooks: [Int], using generator: inout some RandomNumberGenerator
  ) -> any Head {
    ProjectedCodePrediction(self, hidden: width, using: &generator)
  }

  /// The quantiser of the file.
  public func target(for encoder: any EncoderConfiguration) throws -> (any CropTarget)? {
    QuantizerTarget(stored: try stored(for: encoder), encoder: encoder)
  }

  /// The state of the quantiser, not the place of its file.
  public func identity(for encoder: any EncoderConfiguration) throws -> [String] {
    var hash = ContentHash()
    hash.update(stateOf: try stored(for: encoder).quantizer)
    return ["objective.\(Self.name).quantizer=\(String(hash.value, radix: 16))"]
  }

  /// The quantiser of the file, which has to fit the recipe.
  private func stored(for encoder: any EncoderConfiguration) throws -> StoredQuantizer {
    guard let url = quantizer?.url else {
      preconditionFailure("\(Self.name): its setting 'quantizer' names no file")
    }
    let stored = try StoredQuantizer(contentsOf: url)
    if let flaw = flaw(of: stored, for: encoder) {
      throw FileError.unsuitable(
        path: url.path, reason: "does not fit objective.\(Self.name), \(flaw)")
    }
    return stored
  }

  /// The first of the reasons why a quantiser does not fit, with the remedy.
  private func flaw(
    of stored: StoredQuantizer, for encoder: any EncoderConfiguration
  ) -> String? {
    let (frames, kind) = (stored.frames, type(of: stored.quantizer).kind)
    let sizes = stored.quantizer.codebookSizes
    let wanted = LabelRate(sampleRate: encoder.sampleRate, hop: encoder.stride)
    if kind != ProjectedQuantizer.kind {
      return "it is of the kind \(kind); name one of the kind \(ProjectedQuantizer.kind)"
    }
    if frames.rate != wanted {
      return "its codes are for \(frames.rate), the encoder has \(wanted); fit one to this recipe"
    }
    if frames.normalizesWaveform != encoder.normalizesWaveform {
      return "it was fitted with encoder.normalizesWaveform \(frames.normalizesWaveform); fit one "
        + "to this recipe"
    }
    if !frames.kind.isCentred {
      return "its features \(frames.kind.rawValue) have fewer frames than a crop; fit one to others"
    }
    if sizes != self.sizes {
      return "it has \(sizes.count) codebooks of \(sizes[0]) codes, not \(codebooks) of "
        + "\(codes); set objective.\(Self.name).codebooks and codes to those"
    }
    return nil
  }

  /// That of `CodePrediction`, and the codes of the batch.
  public func cost(width: Int, codebooks: [Int]) -> HeadCost {
    var cost = head.cost(width: width, codebooks: sizes)
    cost.target = Double(self.codebooks)
    return cost
  }
}
