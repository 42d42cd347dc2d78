import Models
import Settings
import Tensor

/// A key signature for each crop, learned without labels: a small net over the constant-Q spectrum of the clean crop
/// learns a distribution that turns with transpositions, and the encoder's frames predict that distribution.
///
/// The net reads the two halves of a crop, which are taken to be in one key, and the first once more, transposed by
/// moving the window over the bins; `KeyCircle.loss` compares the three. The mean of the encoder's output over all
/// frames of a crop, masked or not, is mapped to twelve logits, and their cross-entropy with the net's distribution is
/// added. No gradient of it enters the net. With `mode` there are 24 classes, those of a major and a minor key for each
/// signature, and `KeyMode`'s loss is added, too.
///
/// Source: Kong et al. 2024 (STONE); Kong et al. 2025 (S-KEY) for modes. There the net is the model, and two stretches are drawn from a whole track. Here the
/// net is a teacher of the encoder, which is not built to turn with a transposition.
public struct KeySignaturePrediction: Head {
  /// The numbers of a recipe's `objective.keySignature`.
  public struct Config: Configuration {
    /// Weight of this term in the loss.
    public var weight: Float = 1
    /// Layer whose output is read, from 1 on; by default what leaves the encoder. The layers above it then learn nothing
    /// from this term.
    public var layer: Int?
    /// Number of octaves that the net reads, twelve bins each; the spectrum has one more.
    public var octaves = 7
    /// Frequency of the lowest bin, in Hz.
    public var lowestFrequency = 27.5
    /// The circle on which distances between keys are measured.
    public var circle = KeyCircle.fifths
    /// Divides each signature into its major and its minor key (S-KEY); one class a signature unless set.
    public var mode: KeyMode?
    /// The net along the pitch axis.
    public var net = PitchConvolutions.Config()

    /// STONE's spectrum, and a smaller net.
    public init() {}

    /// Checks ranges.
    public func validate() throws(InvalidSetting) {
      try require(notNegative: "weight", weight)
      try require("octaves", octaves, in: 1...12)
      try require("lowestFrequency", lowestFrequency, in: 1...100_000)
    }
  }

  private var net: KeyNet
  private var projection: Linear
  private let circle: KeyCircle
  private let mode: KeyMode?

  /// - Parameters:
  ///   - config: The numbers.
  ///   - hidden: The encoder's channels, `D`.
  ///   - generator: Draws the initial weights.
  public init(_ config: Config, hidden: Int, using generator: inout some RandomNumberGenerator) {
    net = KeyNet(config.net, modes: config.modes, using: &generator)
    projection = .uniform(from: hidden, to: 12 * config.modes, using: &generator)
    (circle, mode) = (config.circle, config.mode)
  }

  /// The sum of the net's loss and of the cross-entropy of the encoder's prediction, which are the terms
  /// `keySignature.turning` and `keySignature.prediction`. Beside them are `keySignature.certainty` of the net, and
  /// `keySignature.agreement`, the share of crops for which both choose the same class. With modes there are also
  /// `keySignature.mode`, their cross-entropy, and `keySignature.firstMode`, the mean probability of the first.
  public func loss(at outputs: Tensor, of targets: FrameTargets) -> Loss {
    let stretches = KeyStretches(targets)
    let (a, b, c) = stretches.distributions(by: net)
    let turning = circle.loss(
      a.keySignatures, b.keySignatures, transposed: c.keySignatures, by: stretches.steps)
    let modes = mode?.terms(a, b, transposed: c, chroma: stretches.chroma)

    let averages = CropAverages(over: targets)
    let keys = ((a.detached() + b.detached()) / 2).rotated(by: stretches.offsets)
      .gatheringRows(averages.crops)
    let logits = projection(averages.mean(of: outputs))
    let prediction = keys.crossEntropy(of: logits.softmax())
    let total = turning + prediction
    var terms = [
      "keySignature.turning": turning.scalar, "keySignature.prediction": prediction.scalar,
      "keySignature.certainty": circle.certainty(of: a.keySignatures),
      "keySignature.agreement": keys.agreement(with: logits),
    ]
    terms["keySignature.mode"] = modes?.crossEntropy.scalar
    terms["keySignature.firstMode"] = modes?.share.scalar
    return Loss(total: modes.map { total + $0.total } ?? total, terms: terms)
  }

  /// `net` and `projection`
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("net", &net)
    visitor.child("projection", &projection)
  }
}

extension KeySignaturePrediction.Config: HeadSetting {
  /// `objective.keySignature`
  public static var name: String { "keySignature" }
  /// The clean crop.
  public static var source: TargetSource { .crop }
  /// It predicts something of crops.
  public static var readsWholeCrops: Bool { true }

  /// How many classes a signature has.
  fileprivate var modes: Int { mode == nil ? 1 : 2 }

  private var axis: PitchAxis {
    PitchAxis(bins: 12 * (octaves + 1), binsPerOctave: 12, lowestFrequency: lowestFrequency)
  }

  /// An untrained net and an untrained linear map.
  public func head(
    width: Int, codebooks: [Int], using generator: inout some RandomNumberGenerator
  ) -> any Head {
    KeySignaturePrediction(self, hidden: width, using: &generator)
  }

  /// The constant-Q spectrum of the crop.
  public func target(for encoder: any EncoderConfiguration) -> (any CropTarget)? {
    PitchSpectrumTarget(axis, encoder: encoder)
  }

  /// The highest bin lies below half of the sample rate.
  public func validate(for encoder: any EncoderConfiguration) throws(InvalidSetting) {
    try axis.require(below: encoder, "octaves")
  }

  /// The net reads three halves of a crop, whichever frames are predicted.
  public func cost(width: Int, codebooks: [Int]) -> HeadCost {
    let frame = net.cost(bins: 12 * octaves)
    var cost = HeadCost(
      parameters: frame.parameters + 12 * modes * (width + 2), products: 0, kept: 0,
      target: Double(axis.bins))
    cost.cropProducts = 1.5 * Double(frame.products)
    cost.cropKept = 1.5 * Double(frame.kept)
    return cost
  }
}

/// Two halves of each crop and the first of them transposed, as windows over the bins of their spectra.
private struct KeyStretches {
  /// The first bin of the windows over both halves.
  let offsets: [Int]
  /// By how many semitones the first half is above its transposition.
  let steps: [Int]
  private let spectra: Tensor
  private let transposed: [Int]

  /// Draws a window in `1...12` and another in `0...11` that is no whole octave from it, for each crop.
  init(_ targets: FrameTargets) {
    let spectra = targets.spectra(of: KeySignaturePrediction.Config.name)
    let draws = (0..<spectra.shape[0]).map { row in
      var stream = targets.stream(.transposition, crop: row)
      return (Int.random(in: 1...12, using: &stream), Int.random(in: 1...11, using: &stream))
    }
    self.spectra = spectra
    offsets = draws.map { $0.0 }
    transposed = draws.map { ($0.0 + $0.1) % 12 }
    steps = zip(transposed, offsets).map { $0 - $1 }
  }

  /// The frames of the first and of the second half.
  private var halves: (Range<Int>, Range<Int>) {
    let frames = spectra.shape[1]
    let half = max(1, frames / 2)
    return (0..<half, frames - half..<frames)
  }

  /// The mean of both halves of each crop by pitch class, class 0 being that of the window's first bin: `[B, 12]`.
  var chroma: Tensor {
    let (first, second) = halves
    let means = [first, second].map { half in
      let windows = windows(over: half, from: offsets)
      let (crops, frames, bins) = (windows.shape[0], windows.shape[1], windows.shape[2])
      return windows.reshaped([crops, frames * bins / 12, 12]).mean(axis: 1)
    }
    return (means[0] + means[1]) / 2
  }

  /// What a net computes of both halves and of the transposition, `[B, 12 · modes]` each.
  func distributions(by net: KeyNet) -> (Tensor, Tensor, Tensor) {
    let crops = spectra.shape[0]
    let (first, second) = halves
    let windows = [
      windows(over: first, from: offsets), windows(over: second, from: offsets),
      windows(over: first, from: transposed),
    ]
    let y = net(.concatenated(windows, axis: 0)).softmax()
    func part(_ number: Int) -> Tensor { y.sliced(axis: 0, number * crops..<(number + 1) * crops) }
    return (part(0), part(1), part(2))
  }

  private func windows(over time: Range<Int>, from bins: [Int]) -> Tensor {
    let width = spectra.shape[2] - 12
    let rows = bins.enumerated().map { row, first in
      spectra.sliced(axis: 0, row..<row + 1).sliced(axis: 1, time)
        .sliced(axis: 2, first..<first + width)
    }
    return .concatenated(rows, axis: 0)
  }
}

extension Tensor {
  /// Rows `[N, 12 · modes]` whose twelves move up by some places, those beyond the end to the beginning; untracked.
  fileprivate func rotated(by steps: [Int]) -> Tensor {
    let (values, columns) = (scalars, shape[1])
    let moved = (0..<steps.count * columns).map { place in
      let (twelve, key) = (place / 12 * 12, place % 12)
      return values[twelve + (key - steps[place / columns] % 12 + 12) % 12]
    }
    return Tensor(moved, shape: shape)
  }
}
