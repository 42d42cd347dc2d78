import Audio
import Foundation
import Models
import Pretrain
import Tensor

/// Draws the crops of every step from a collection, with the teachers' codes for them.
///
/// An epoch holds every file once for each whole crop in its length, in an order shuffled anew; the
/// place in the file is drawn uniformly. All of it depends on seed, step and sample number alone.
/// Crops start on the encoder's frame grid, so that the code of a frame is the teacher's for exactly
/// these samples (fairseq lets them be off by up to half a frame).
public struct CropSampler: Sendable {
  private let audio: any AudioSource
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
  /// - Throws: `RunError.noData` if no file is as long as a crop, `AudioError` if one cannot be decoded.
  public init(_ audio: any AudioSource, codes: [[[Int32]]], recipe: Recipe) throws {
    (self.audio, self.codes, self.recipe) = (audio, codes, recipe)
    let length = recipe.cropSamples
    items = (0..<audio.count).flatMap { file in
      Array(repeating: file, count: audio.samples(of: file) / length)
    }
    guard !items.isEmpty else {
      throw RunError.noData("data", seconds: recipe.data.cropSeconds)
    }
    spectrum = recipe.objective.cqt.map { CropSpectrum($0, encoder: recipe.encoder) }
    scales = try AudioScale.all(of: audio, normalizing: recipe.encoder.normalizesWaveform)
  }

  /// Crops in an epoch.
  public var count: Int { items.count }

  /// A batch by its number, counted over all steps.
  /// - Throws: `AudioError` if a file cannot be decoded any more.
  public func batch(_ number: Int) throws -> Batch {
    let samples = recipe.samples(ofBatch: number)
    return batch(of: samples, crops: try samples.map { try crop($0) })
  }
}

extension Recipe {
  /// The sample numbers of a batch, which is counted over all steps.
  func samples(ofBatch number: Int) -> Range<Int> {
    number * training.batchSize..<(number + 1) * training.batchSize
  }
}

extension CropSampler {
  /// One row of a batch.
  struct Crop: Sendable {
    /// `[L]`, at the level at which the encoder takes it.
    var audio: [Float]
    /// For every label set a code for each frame.
    var codes: [[Int32]]
    /// `[T, bins]`, row-major, if an objective predicts it.
    var spectrum: [Float]?
  }

  /// The sample numbers of a batch.
  func samples(ofBatch number: Int) -> Range<Int> { recipe.samples(ofBatch: number) }

  /// The crop of one sample.
  func crop(_ sample: Int) throws(AudioError) -> Crop {
    let place = place(of: sample)
    var samples = try audio.crop(
      file: place.file, start: place.frame * recipe.encoder.frontEnd.stride,
      length: recipe.cropSamples)
    scales[place.file].apply(to: &samples)
    let spectrum = spectrum?(samples)
    if let spectrum, let bad = spectrum.firstIndex(where: { !$0.isFinite }) {
      let frame = place.frame + bad / self.spectrum!.bins
      throw .featuresNotFinite(
        path: audio.files[place.file].path, seconds: Double(frame) / recipe.encoder.frameRate,
        channel: bad % self.spectrum!.bins)
    }
    return Crop(audio: samples, codes: codes(at: place), spectrum: spectrum)
  }

  /// The file that a sample is cut from, by its path in the manifest.
  func file(of sample: Int) -> String { audio.files[place(of: sample).file].path }

  /// The rows of a batch together.
  func batch(of samples: Range<Int>, crops: [Crop]) -> Batch {
    func joined(_ rows: [[Float]], shape: [Int]) -> Tensor {
      Tensor(rows.flatMap { $0 }, shape: Shape([crops.count] + shape))
    }
    return Batch(
      audio: joined(crops.map(\.audio), shape: [recipe.cropSamples]), samples: Array(samples),
      codes: crops[0].codes.indices.map { set in crops.flatMap { $0.codes[set] } },
      spectrum: spectrum.map {
        joined(crops.map { $0.spectrum! }, shape: [recipe.cropFrames, $0.bins])
      })
  }

  private struct Place {
    var file: Int
    /// The first frame.
    var frame: Int
  }

  private func place(of sample: Int) -> Place {
    let epoch = sample / items.count
    let order = orders.order(epoch: epoch, count: items.count, seed: UInt64(recipe.seed))
    let file = items[order[sample % items.count]]
    var stream = RandomStream(seed: UInt64(recipe.seed), purpose: .crop, sample: sample)
    let last = (audio.samples(of: file) - recipe.cropSamples) / recipe.encoder.frontEnd.stride
    let labelled = codes.isEmpty ? last : min(last, codes[file][0].count - recipe.cropFrames)
    return Place(file: file, frame: Int.random(in: 0...max(0, labelled), using: &stream))
  }

  /// For every label set the codes of a crop. A teacher whose last window does not fit any more makes a
  /// code less than the encoder frames: the last one is repeated.
  private func codes(at place: Place) -> [[Int32]] {
    guard !codes.isEmpty else { return [] }
    return codes[place.file].map { all in
      (0..<recipe.cropFrames).map { all[min(place.frame + $0, all.count - 1)] }
    }
  }
}
