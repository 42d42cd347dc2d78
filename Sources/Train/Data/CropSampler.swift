import Audio
import Foundation
import Models
import Pretrain
import Tensor

/// Draws the crops of every step from a decoded collection, with the teachers' codes for them.
///
/// An epoch holds every file once for each whole crop in its length, in an order shuffled anew; the
/// place in the file is drawn uniformly. All of it depends on seed, step and sample number alone.
/// Crops start on the encoder's frame grid, so that the code of a frame is the teacher's for exactly
/// these samples (fairseq lets them be off by up to half a frame).
public struct CropSampler: Sendable {
  /// The numbers of a recipe's `data`.
  public struct Config: Configuration {
    /// The length of a crop, seconds.
    public var cropSeconds = 5.0
    /// MERT's crops.
    public init() {}
  }

  private let audio: DecodedAudio
  private let codes: [[[Int32]]]
  private let recipe: Recipe
  private let spectrum: CropSpectrum?
  /// The file of every item of an epoch, before shuffling.
  private let items: [Int]
  private let scales: [AudioScale]
  private let orders = EpochOrders()

  /// - Parameters:
  ///   - audio: The collection at the encoder's rate.
  ///   - codes: For every file and label set the codes of its frames; empty without teachers.
  /// - Throws: `RunError.noData` if no file is as long as a crop.
  public init(_ audio: DecodedAudio, codes: [[[Int32]]], recipe: Recipe) throws {
    (self.audio, self.codes, self.recipe) = (audio, codes, recipe)
    let length = recipe.cropSamples
    items = (0..<audio.count).flatMap { file in
      Array(repeating: file, count: audio.samples(of: file) / length)
    }
    guard !items.isEmpty else {
      throw RunError.noData("data", seconds: recipe.data.cropSeconds)
    }
    spectrum = recipe.objective.cqt.map { CropSpectrum($0, encoder: recipe.encoder) }
    scales = AudioScale.all(of: audio, normalizing: recipe.encoder.normalizesWaveform)
  }

  /// Crops in an epoch.
  public var count: Int { items.count }

  /// The batch of one step.
  public func batch(step: Int) -> Batch {
    let size = recipe.training.batchSize
    let samples = Array(step * size..<(step + 1) * size)
    let crops = samples.map(crop(sample:))
    let length = recipe.cropSamples
    let waveforms = Tensor(shape: [size, length]) { (buffer: UnsafeMutableBufferPointer<Float>) in
      for (row, crop) in crops.enumerated() {
        let part = UnsafeMutableBufferPointer(rebasing: buffer[row * length..<(row + 1) * length])
        audio.crop(file: crop.file, start: crop.frame * stride, into: part)
      }
    }
    var scaled = waveforms
    for (row, crop) in crops.enumerated() { scaled.scale(row: row, by: scales[crop.file]) }
    return Batch(
      audio: scaled, samples: samples, codes: codes(of: crops), spectrum: spectrum?(scaled))
  }

  private var stride: Int { recipe.encoder.frontEnd.stride }

  private struct Crop {
    var file: Int
    /// The first frame.
    var frame: Int
  }

  private func crop(sample: Int) -> Crop {
    let epoch = sample / items.count
    let order = orders.order(epoch: epoch, count: items.count, seed: UInt64(recipe.seed))
    let file = items[order[sample % items.count]]
    var stream = RandomStream(seed: UInt64(recipe.seed), purpose: .crop, sample: sample)
    let last = (audio.samples(of: file) - recipe.cropSamples) / stride
    let labelled = codes.isEmpty ? last : min(last, codes[file][0].count - recipe.cropFrames)
    return Crop(file: file, frame: Int.random(in: 0...max(0, labelled), using: &stream))
  }

  /// For every label set the codes of all crops, row by row. A teacher whose last window does not fit
  /// any more makes a code less than the encoder frames: the last one is repeated.
  private func codes(of crops: [Crop]) -> [[Int32]] {
    guard !codes.isEmpty else { return [] }
    return codes[0].indices.map { set in
      crops.flatMap { crop in
        let all = codes[crop.file][set]
        return (0..<recipe.cropFrames).map { all[min(crop.frame + $0, all.count - 1)] }
      }
    }
  }
}

/// The constant-Q targets of the clean crops, at the level at which the encoder takes them.
struct CropSpectrum: Sendable {
  private let transform: ConstantQ
  private let frames: @Sendable (Int) -> Int
  private let compression: Float

  init(_ config: SpectrumPrediction.Config, encoder: AudioEncoder.Config) {
    var settings = ConstantQ.Config()
    (settings.bins, settings.binsPerOctave) = (config.bins, config.bins / 7)
    settings.frameRate = encoder.frameRate
    transform = ConstantQ(settings, sampleRate: encoder.sampleRate)
    frames = { encoder.frameCount(samples: $0) }
    compression = config.compression
  }

  /// `[B, L] -> [B, T, bins]`, cut to the encoder's frames.
  func callAsFunction(_ waveforms: Tensor) -> Tensor {
    let (batch, length) = (waveforms.shape[0], waveforms.shape[1])
    let time = frames(length)
    let rows = Cores.map(batch) { row in
      transform(waveforms.sliced(axis: 0, row..<row + 1).scalars).sliced(axis: 0, 0..<time)
    }
    let magnitudes = Tensor.concatenated(rows, axis: 0).reshaped([batch, time, rows[0].shape[1]])
    return compression > 0 ? (magnitudes * compression + 1).log() : magnitudes
  }
}
