import Audio
import Foundation
import Models
import Pretrain
import Tensor
import Train

/// Times whole optimiser steps of a recipe on random audio, or on music from disk, with random codes:
/// batch, forward, losses, backward, clipping, AdamW.
///
/// A step is one batch, whatever the recipe adds up. Layers are never dropped, so that every step does the
/// same work; all other dropout is the recipe's.
public struct StepBenchmark {
  /// What was measured.
  public struct Result: Codable, Sendable {
    /// The recipe's name.
    public var recipe: String
    /// Crops in a step.
    public var batch: Int
    /// Of the operands of products.
    public var precision: Precision
    /// Threads that worked.
    public var threads: Int
    /// Numbers that the recipe learns.
    public var parameters: Int
    /// The duration of each step.
    public var stepSeconds: [Double]
    /// Their median.
    public var stepSecondsMedian: Double
    /// Seconds of audio a second.
    public var audioSecondsPerSecond: Double
    /// Operations of a step's products.
    public var flopPerStep: Double
    /// The fastest product that this process met right after the steps, 10⁹ operations a second.
    public var gemmPeakGflops: Double
    /// Operations of the step's products per second of the step, over that.
    public var fractionOfPeak: Double
    /// The most memory that this process held.
    public var peakRssBytes: Int
    /// The most that tensors held of it.
    public var tensorPeakBytes: Int
    /// What was taken from the system for tensors.
    public var tensorReservedBytes: Int
    /// What was foreseen of `peakRssBytes`.
    public var estimatedPeakBytes: Int
  }

  private let recipe: Recipe
  private var trainer: Trainer<MaskedPretraining>
  private let parameters: Int

  /// Makes a model and its audio.
  ///
  /// - Parameters:
  ///   - data: Music, decoded by the recipe's setting; noise in memory unless given. Opened once the
  ///     recipe is checked.
  ///   - scratch: A folder for the audio, which is gone when this returns.
  /// - Throws: If the recipe's parts do not fit together, or the folder cannot be written.
  public init(
    _ recipe: Recipe, data: @autoclosure () throws -> Manifest.Scan? = nil, scratch: URL
  ) throws {
    var recipe = recipe
    if recipe.melEncoder == nil { recipe.encoder.layerDrop = 0 }
    recipe.training.accumulation = 1
    try recipe.check()
    try recipe.checkMachine()
    let audio: any AudioSource =
      if let data = try data() {
        try recipe.data.source(
          of: data, sampleRate: recipe.sampleRate, scratch: scratch, progress: nil)
      } else {
        try noise(for: recipe, in: scratch)
      }
    let labels = recipe.teacher.codebooks.isEmpty ? nil : RandomLabels(audio, recipe)
    let sampler = try CropSampler(TrainingMaterial(audio, labels: labels), recipe: recipe)
    trainer = try Trainer(recipe, sampler: sampler, codebooks: recipe.teacher.codebooks)
    parameters = trainer.model.parameterCount
    self.recipe = recipe
  }

  /// Runs `warmup` steps that do not count, then `steps` that do.
  /// - Throws: What a step of training throws.
  public mutating func run(warmup: Int = 2, steps: Int) throws -> Result {
    _ = try advance(warmup)
    // Before `self` is read: a copy of it would copy the model when it changes.
    let seconds = try advance(steps)
    return result(seconds, peakBytes: peakResidentBytes())
  }

  /// Runs so many steps.
  ///
  /// - Returns: The duration of each, seconds.
  /// - Throws: What a step of training throws.
  public mutating func advance(_ steps: Int) throws -> [Double] {
    try (0..<steps).map { _ in
      let duration = try ContinuousClock().measure { _ = try trainer.advance() }
      return duration / .seconds(1)
    }
  }

  private func result(_ seconds: [Double], peakBytes: Int) -> Result {
    let median = seconds.median!
    let memory = MemoryStatistics.current
    let peak = ProductBenchmark.run(precision: recipe.training.precision).peak
    let audio = recipe.data.cropSeconds * Double(recipe.training.batchSize)
    return Result(
      recipe: recipe.name, batch: recipe.training.batchSize, precision: recipe.training.precision,
      threads: Cores.count, parameters: parameters, stepSeconds: seconds,
      stepSecondsMedian: median, audioSecondsPerSecond: audio / median,
      flopPerStep: recipe.productFLOP.total, gemmPeakGflops: peak,
      fractionOfPeak: recipe.productFLOP.total / median / (peak * 1e9), peakRssBytes: peakBytes,
      tensorPeakBytes: memory.peak,
      tensorReservedBytes: memory.reserved, estimatedPeakBytes: Int(recipe.memory.peak))
  }
}

/// Files of noise: as many as crops in a batch.
private let fileCrops = 2.0

private func noise(for recipe: Recipe, in scratch: URL) throws -> DecodedAudio {
  let folder = scratch.appendingPathComponent("etude-benchmark-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  let count = Int(fileCrops * Double(recipe.cropSamples))
  var entries: [Manifest.Entry] = []
  for file in 0..<recipe.training.batchSize {
    var generator = RandomStream(seed: 0, purpose: .corpus, sample: file)
    let samples = (0..<count).map { _ in Float.random(in: -0.2..<0.2, using: &generator) }
    let entry = Manifest.Entry(path: "\(file).wav", samples: count)
    try AudioFile.write(
      samples, sampleRate: recipe.sampleRate, encoding: .float32,
      to: folder.appendingPathComponent(entry.path).path)
    entries.append(entry)
  }
  return try DecodedAudio(
    Manifest(root: folder.path, entries: entries), sampleRate: recipe.sampleRate,
    scratchFolder: folder.path)
}

/// Random codes, a function of the file and the first frame of a crop.
private struct RandomLabels: CropLabels {
  private let frames: [Int]
  private let codebooks: [Int]

  init(_ audio: any AudioSource, _ recipe: Recipe) {
    frames = audio.files.map { $0.samples / recipe.chosenEncoder.stride }
    codebooks = recipe.teacher.codebooks
  }

  func frames(of file: Int) -> Int { frames[file] }

  func codes(of file: Int, frames: Range<Int>) -> [[Int32]] {
    var generator = RandomStream(
      seed: 0, purpose: .clustering, step: file, sample: frames.lowerBound)
    return codebooks.map { size in
      frames.map { _ in Int32.random(in: 0..<Int32(size), using: &generator) }
    }
  }
}
