import Audio
import MelModels
import Models
import Tensor

/// Crops of a collection that something is measured on before the first step, such as the statistics of an encoder's
/// input.
///
/// They are the crops of the run's first samples, one epoch of them at most: with `most` or fewer crops in an epoch each
/// of them once. Which they are depends on the recipe's seed and the collection alone.
///
/// ```swift
/// let sample = CollectionSample(of: sampler)
/// let sums = try sample.map { samples in features(samples).sum(axis: 0) }   // one for each crop, in order
/// ```
public struct CollectionSample: Sendable {
  /// The most crops that are drawn unless given.
  public static let mostCrops = 512
  /// How many crops there are.
  public let count: Int
  let sampler: CropSampler

  /// - Parameters:
  ///   - sampler: What draws the crops of the run.
  ///   - most: The most crops, at least one.
  /// - Traps when: `most` is below 1.
  public init(of sampler: CropSampler, most: Int = mostCrops) {
    precondition(most >= 1, "CollectionSample: needs at least one crop, got \(most)")
    (self.sampler, count) = (sampler, min(most, sampler.count))
  }

  /// The crops of a recipe's collection, without labels and targets.
  /// - Throws: As `CropSampler`.
  public init(_ material: TrainingMaterial, recipe: Recipe, most: Int = mostCrops) throws {
    var audio = material
    audio.labels = nil
    let sampler = try CropSampler(
      audio, grid: recipe.grid, normalizing: recipe.chosenEncoder.normalizesWaveform)
    self.init(of: sampler, most: most)
  }

  /// One crop, mono, at the level at which the encoder takes it.
  /// - Throws: `AudioError` if its file cannot be decoded any more.
  public func crop(_ number: Int) throws -> [Float] { try sampler.audio(of: number) }

  /// What a function makes of each crop, in the order of the crops. It is called on all cores.
  /// - Throws: As `crop`, and what the function throws; of several crops that of the first.
  public func map<Result>(_ body: ([Float]) throws -> Result) throws -> [Result] {
    try map(first: count) { try body($1) }
  }

  /// The same of the first crops, of which the function also takes the number.
  func map<Result>(
    first crops: Int, _ body: (_ number: Int, _ samples: [Float]) throws -> Result
  ) throws -> [Result] {
    try Cores.map(crops) { number in try body(number, crop(number)) }
  }
}

extension InputStatistics {
  /// The statistics of the bands that an encoder of these numbers standardises, over the frames of all crops of a
  /// sample.
  ///
  /// A band that varies less than a hundredth of what all bands vary about the means of each is divided by that
  /// hundredth, so that one that is silent in the sample is not blown up in other music; and by 1 if no band varies.
  /// - Throws: As `CollectionSample.crop`.
  init(of sample: CollectionSample, for encoder: MelEncoder.Config) throws {
    let input = SpectrumInput(encoder.input, sampleRate: encoder.sampleRate)
    let moments = try sample.map { samples in
      BandMoments(of: input.bands(of: Tensor(samples, shape: [1, samples.count])))
    }.reduce(into: BandMoments(), +=)
    self = moments.statistics(asOne: encoder.input.statistics == .global)
  }
}

/// Sums over the frames of some crops, for each band.
struct BandMoments {
  private var frames = 0.0
  private var sums: [Double] = []
  private var squares: [Double] = []

  /// Those of no frames.
  init() {}

  /// - Parameter bands: `[1, T, bands]`
  init(of bands: Tensor) {
    let width = bands.shape[2]
    frames = Double(bands.shape[1])
    (sums, squares) = (.init(repeating: 0, count: width), .init(repeating: 0, count: width))
    bands.read { x in
      for i in x.indices {
        sums[i % width] += Double(x[i])
        squares[i % width] += Double(x[i]) * Double(x[i])
      }
    }
  }

  static func += (a: inout BandMoments, b: BandMoments) {
    guard !a.sums.isEmpty else { return a = b }
    a.frames += b.frames
    for band in a.sums.indices {
      a.sums[band] += b.sums[band]
      a.squares[band] += b.squares[band]
    }
  }

  /// Mean and deviation of each band, or of all bands as one.
  func statistics(asOne: Bool) -> InputStatistics {
    if asOne { return joined.statistics(asOne: false) }
    let means = sums.map { $0 / frames }
    let variances = zip(squares, means).map { max(0, $0 / frames - $1 * $1) }
    let typical = (variances.reduce(0, +) / Double(variances.count)).squareRoot()
    let least = typical > 1e-6 ? typical / 100 : 1
    return InputStatistics(
      mean: means.map { Float($0) },
      deviation: variances.map { Float(max(least, $0.squareRoot())) })
  }

  private var joined: BandMoments {
    var all = BandMoments()
    all.frames = frames * Double(sums.count)
    (all.sums, all.squares) = ([sums.reduce(0, +)], [squares.reduce(0, +)])
    return all
  }
}
