import Models
import Settings
import Tensor

/// A pitch for each frame, learned without labels: a small net over the constant-Q spectrum of the clean crop learns a
/// distribution that shifts with transpositions, and the encoder's frames predict that distribution.
///
/// The net reads a frame, the same frame with noise, and a transposed copy, by moving the window over the bins. The sum of
/// `PitchLosses.invariance`, `shiftedCrossEntropy` and, weighted, `powerSeries` of the three is its loss. The encoder's
/// output at the frame is mapped to the logits of as many classes, and their cross-entropy with the net's distribution
/// is added. No gradient of it enters the net.
///
/// Source: Riou et al. 2023 (PESTO). Different: the net is a teacher of the encoder. The weights of its losses are fixed;
/// there they follow moving averages of the gradients' norms. No copy of a frame is made louder or softer, because the
/// net's norm removes that.
public struct RelativePitchPrediction: Head {
  /// The numbers of a recipe's `objective.relativePitch`.
  public struct Config: Configuration {
    /// Weight of this term in the loss.
    public var weight: Float = 1
    /// Layer whose output is read, from 1 on; by default what leaves the encoder. The layers above it then learn nothing
    /// from this term.
    public var layer: Int?
    /// Number of semitones that the net reads.
    public var semitones = 84
    /// Bins and classes of a semitone.
    public var binsPerSemitone = 3
    /// Frequency of the lowest bin, in Hz.
    public var lowestFrequency = 27.5
    /// Greatest transposition, in bins, up and down.
    public var mostBins = 16
    /// Number of semitones that are told apart.
    public var pitches = 128
    /// Distance between the predicted frames that are used, in frames; with more the net costs less.
    public var frameStride = 4
    /// Greatest standard deviation of the noise, as a share of that of the bins of a frame.
    public var noise: Float = 0.5
    /// Factor of the loss of the ratio, the only one that a flat distribution does not satisfy. Its gradient is small.
    public var ratioWeight: Float = 100
    /// The net along the pitch axis.
    public var net = PitchConvolutions.Config()

    /// PESTO's pitches, and a smaller net.
    public init() {}

    /// Checks ranges.
    public func validate() throws(InvalidSetting) {
      try require(notNegative: "weight", weight)
      try require("semitones", semitones, in: 1...144)
      try require("binsPerSemitone", binsPerSemitone, in: 1...20)
      try require("lowestFrequency", lowestFrequency, in: 1...100_000)
      try require("mostBins", mostBins, in: 1...1_000)
      try require("pitches", pitches, in: 2...288)
      try require("frameStride", frameStride, in: 1...1_000)
      try require("noise", noise, in: 0...100)
      try require(notNegative: "ratioWeight", ratioWeight)
    }
  }

  private let config: Config
  private var net: PitchNet
  private var projection: Linear

  /// - Parameters:
  ///   - config: The numbers.
  ///   - hidden: The encoder's channels, `D`.
  ///   - generator: Draws the initial weights.
  public init(_ config: Config, hidden: Int, using generator: inout some RandomNumberGenerator) {
    self.config = config
    net = PitchNet(
      config.net, bins: config.windowBins, classes: config.classes, using: &generator)
    projection = .uniform(from: hidden, to: config.classes, using: &generator)
  }

  /// The sum of the net's losses and of the cross-entropy of the encoder's prediction, which are the terms
  /// `relativePitch.invariance`, `relativePitch.shift`, `relativePitch.ratio` before its weight, and
  /// `relativePitch.prediction`. Beside them is `relativePitch.agreement`, the share of frames for which both choose the
  /// same class.
  public func loss(at outputs: Tensor, of targets: FrameTargets) -> Loss {
    let used = Array(stride(from: 0, to: outputs.shape[0], by: config.frameStride))
    let frames = TransposedFrames(targets, used: used, config)
    let y = net(frames.windows).softmax()
    func part(_ number: Int) -> Tensor {
      y.sliced(axis: 0, number * used.count..<(number + 1) * used.count)
    }
    let (plain, noisy, transposed) = (part(0), part(1), part(2))
    let invariance = PitchLosses.invariance(plain, noisy)
    let shift = PitchLosses.shiftedCrossEntropy(noisy, transposed, by: frames.steps)
    let ratio = PitchLosses.powerSeries(
      noisy, transposed, by: frames.steps, octave: 12 * config.binsPerSemitone)
    let logits = projection(outputs.gatheringRows(used))
    let prediction = plain.detached().crossEntropy(of: logits.softmax())
    return Loss(
      total: invariance + shift + ratio * config.ratioWeight + prediction,
      terms: [
        "relativePitch.invariance": invariance.scalar, "relativePitch.shift": shift.scalar,
        "relativePitch.ratio": ratio.scalar, "relativePitch.prediction": prediction.scalar,
        "relativePitch.agreement": plain.agreement(with: logits),
      ])
  }

  /// `net` and `projection`
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("net", &net)
    visitor.child("projection", &projection)
  }
}

extension RelativePitchPrediction.Config: HeadSetting {
  /// `objective.relativePitch`
  public static var name: String { "relativePitch" }
  /// The clean crop.
  public static var source: TargetSource { .crop }

  /// Bins that the net reads.
  var windowBins: Int { semitones * binsPerSemitone }
  /// Of the distribution.
  var classes: Int { pitches * binsPerSemitone }

  private var axis: PitchAxis {
    PitchAxis(
      bins: windowBins + 2 * mostBins, binsPerOctave: 12 * binsPerSemitone,
      lowestFrequency: lowestFrequency)
  }

  /// An untrained net and an untrained linear map.
  public func head(
    width: Int, codebooks: [Int], using generator: inout some RandomNumberGenerator
  ) -> any Head {
    RelativePitchPrediction(self, hidden: width, using: &generator)
  }

  /// The constant-Q spectrum of the crop.
  public func target(for encoder: any EncoderConfiguration) -> (any CropTarget)? {
    PitchSpectrumTarget(axis, encoder: encoder)
  }

  /// The highest bin lies below half of the sample rate.
  public func validate(for encoder: any EncoderConfiguration) throws(InvalidSetting) {
    try axis.require(below: encoder, "semitones")
  }

  /// The net reads three copies of one frame in `frameStride`.
  public func cost(width: Int, codebooks: [Int]) -> HeadCost {
    let frame = PitchNet.cost(net, bins: windowBins, classes: classes)
    let share = 1 / Double(frameStride)
    let map = Linear.cost(from: width, to: classes)
    return HeadCost(
      parameters: frame.parameters + map.parameters,
      products: share * (3 * Double(frame.products) + Double(map.products)),
      kept: share * (3 * Double(frame.kept) + 4 * Double(classes)), target: Double(axis.bins))
  }
}

/// Frames, the same with noise, and transposed copies, as windows over the bins of their spectra.
private struct TransposedFrames {
  /// The frames, then those with noise, then the copies, `[3 N, bins]`.
  let windows: Tensor
  /// By how many bins each copy lies above its frame, `N`.
  let steps: [Int]

  /// Draws the transposition of a frame, and its noise, from the stream of its crop.
  init(_ targets: FrameTargets, used: [Int], _ config: RelativePitchPrediction.Config) {
    let name = RelativePitchPrediction.Config.name
    let spectra = targets.computed(for: name).gatheringRows(used)
    let (values, bins, width) = (spectra.scalars, spectra.shape[1], config.windowBins)
    var streams = targets.streams(.transposition)
    var (plain, noisy, moved): ([Float], [Float], [Float]) = ([], [], [])
    var steps: [Int] = []
    for (row, place) in used.enumerated() {
      let crop = targets.crop(ofFrame: place)
      let step = Int.random(in: -config.mostBins...config.mostBins, using: &streams[crop])
      let frame = values[row * bins..<(row + 1) * bins]
      let window = Self.window(of: frame, from: config.mostBins, width)
      plain += window
      noisy += window.withNoise(upTo: config.noise, using: &streams[crop])
      moved += Self.window(of: frame, from: config.mostBins - step, width)
      steps.append(step)
    }
    windows = Tensor(plain + noisy + moved, shape: [3 * used.count, width])
    self.steps = steps
  }

  private static func window(
    of frame: ArraySlice<Float>, from bin: Int, _ width: Int
  ) -> ArraySlice<Float> {
    frame[frame.startIndex + bin..<frame.startIndex + bin + width]
  }
}

extension ArraySlice<Float> {
  /// Plus normal noise, whose deviation is a uniform share of `most` times that of these numbers.
  fileprivate func withNoise(upTo most: Float, using stream: inout RandomStream) -> [Float] {
    let mean = reduce(0, +) / Float(count)
    let variance = reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(count)
    let deviation = Float.random(in: 0..<1, using: &stream) * most * variance.squareRoot()
    return map { $0 + deviation * stream.nextNormal() }
  }
}
