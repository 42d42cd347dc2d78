import Models
import Settings
import Tensor

/// Two crops of one file are to be told from those of other files, by what their frames are on average.
///
/// Mean and standard deviation of the encoder's output over the frames of a crop go through a small net; its output `z`
/// is brought to length 1. For crop `i` and its partner `j` of the same file
/// `loss_i = -log (exp(z_i · z_j / τ) / Σ_k exp(z_i · z_k / τ))`, averaged over the crops, where `k` is `j` and all crops
/// of other files. What lasts over a piece lowers it: instrument, key, tempo, and the sound of a recording, too.
///
/// Source: Chen et al. 2020 (SimCLR), which Spijkervet & Burgoyne 2021 (CLMR) trained on music. Different: the crops are
/// not changed otherwise than the recipe's masks and mixing do, and the deviation is read beside the mean.
public struct ContrastPrediction: Head {
  /// The numbers of a recipe's `objective.contrast`.
  public struct Config: Configuration {
    /// Weight of this term in the loss.
    public var weight: Float = 1
    /// Temperature `τ`.
    public var temperature: Float = 0.2
    /// Channels inside the net.
    public var innerWidth = 256
    /// Numbers in which crops are compared.
    public var outputWidth = 64

    /// Crops compared in 64 numbers.
    public init() {}

    /// Counts.
    public func validate() throws(InvalidSetting) {
      try require(notNegative: "weight", weight)
      try require("temperature", temperature, in: 0.001...1_000)
      try require("innerWidth", innerWidth, in: 1...65_536)
      try require("outputWidth", outputWidth, in: 1...65_536)
    }
  }

  private let temperature: Float
  private var inner: Linear
  private var output: Linear

  /// - Parameters:
  ///   - config: The numbers.
  ///   - hidden: The encoder's channels, `D`.
  ///   - generator: Draws the initial weights.
  public init(_ config: Config, hidden: Int, using generator: inout some RandomNumberGenerator) {
    temperature = config.temperature
    inner = .uniform(from: 2 * hidden, to: config.innerWidth, using: &generator)
    output = .uniform(from: config.innerWidth, to: config.outputWidth, using: &generator)
  }

  /// The loss of all pairs of neighbours that are of one file; with `contrast.accuracy`, the share of crops whose partner
  /// is nearest. A batch without a pair, which held-out crops may be, has no loss and no accuracy.
  public func loss(at outputs: Tensor, of targets: FrameTargets) -> Loss {
    let averages = CropAverages(over: targets)
    let files = averages.crops.map { targets.batch.files[$0] }
    let places = Self.pairs(of: files).flatMap { [$0, $0 + 1] }
    guard !places.isEmpty else { return Loss(total: (outputs * 0).sum()) }
    let z = output(
      inner(averages.statistics(of: outputs)).layerNorm(weight: nil, bias: nil).gelu()
    ).l2Normalized().gatheringRows(places)
    let logits =
      z.matmul(z, transposingRight: true) * (1 / temperature)
      + Self.excluding(places.map { files[$0] })
    let partners = places.indices.map { Int32($0 ^ 1) }
    let hits = zip(logits.argmax(axis: 1).integers, partners).count { $0 == $1 }
    return Loss(
      total: logits.crossEntropy(targets: partners).mean(),
      terms: ["\(Config.name).accuracy": Float(hits) / Float(places.count)])
  }

  /// The first of each two neighbours of one file; no crop is in two pairs.
  private static func pairs(of files: [Int]) -> [Int] {
    var pairs: [Int] = []
    for first in files.indices.dropLast()
    where files[first] == files[first + 1] && pairs.last.map({ $0 + 1 < first }) ?? true {
      pairs.append(first)
    }
    return pairs
  }

  /// A large negative number where a crop would be compared with itself, or with one of its file that is not its
  /// partner, `[N, N]`.
  private static func excluding(_ files: [Int]) -> Tensor {
    let count = files.count
    let values = (0..<count * count).map { place -> Float in
      let (i, k) = (place / count, place % count)
      return files[i] == files[k] && k != i ^ 1 ? -1e9 : 0
    }
    return Tensor(values, shape: [count, count])
  }

  /// `inner` and `output`
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("inner", &inner)
    visitor.child("output", &output)
  }
}

extension ContrastPrediction.Config: HeadSetting {
  /// `objective.contrast`
  public static var name: String { "contrast" }
  /// The clean crop.
  public static var source: TargetSource { .crop }
  /// It predicts something of crops.
  public static var readsWholeCrops: Bool { true }

  /// An untrained net.
  public func head(
    width: Int, codebooks: [Int], using generator: inout some RandomNumberGenerator
  ) -> any Head {
    ContrastPrediction(self, hidden: width, using: &generator)
  }

  /// That of the net, which reads a crop once, is not counted for each frame.
  public func cost(width: Int, codebooks: [Int]) -> HeadCost {
    let net =
      Linear.cost(from: 2 * width, to: innerWidth) + Linear.cost(from: innerWidth, to: outputWidth)
    return HeadCost(parameters: net.parameters, products: 0, kept: 2 * Double(width))
  }
}
