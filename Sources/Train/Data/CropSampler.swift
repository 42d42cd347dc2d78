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
  private let grid: CropGrid
  /// What is computed of every crop, by the name of the head that predicts it.
  private let targets: [(name: String, target: any CropTarget)]
  /// The file of every item of an epoch, before shuffling.
  private let items: [Int]
  private let scales: [AudioScale]
  private let orders = EpochOrders()

  /// - Parameters:
  ///   - audio: The collection at the encoder's rate.
  ///   - codes: For every file and label set the codes of its frames; empty without teachers.
  ///   - recipe: The recipe.
  /// - Throws: `RunError.noData` if no file is as long as a crop, `AudioError` if one cannot be decoded,
  ///   `FileError` if a file that targets are computed with is missing or does not fit.
  public init(_ audio: any AudioSource, codes: [[[Int32]]], recipe: Recipe) throws {
    let targets = try recipe.objective.heads.compactMap { head in
      try head.target(for: recipe.encoder).map { (type(of: head).name, $0) }
    }
    try self.init(
      audio, codes: codes, grid: recipe.grid, targets: targets,
      normalizing: recipe.encoder.normalizesWaveform)
  }

  /// - Parameters:
  ///   - audio: The collection at the model's rate.
  ///   - codes: For every file and label set the codes of its frames; empty without teachers.
  ///   - grid: Where crops may lie.
  ///   - targets: What is computed of every crop.
  ///   - normalizing: Whether files are brought to mean 0 and variance 1.
  /// - Throws: As the other initialiser.
  init(
    _ audio: any AudioSource, codes: [[[Int32]]] = [], grid: CropGrid,
    targets: [(name: String, target: any CropTarget)] = [], normalizing: Bool = false
  ) throws {
    (self.audio, self.codes, self.grid, self.targets) = (audio, codes, grid, targets)
    items = (0..<audio.count).flatMap { file in
      Array(repeating: file, count: audio.samples(of: file) / grid.samples)
    }
    guard !items.isEmpty else {
      throw RunError.noData("data", seconds: Double(grid.samples) / Double(grid.sampleRate))
    }
    scales = try AudioScale.all(of: audio, normalizing: normalizing)
  }

  /// Crops in an epoch.
  public var count: Int { items.count }

  /// A batch by its number, counted over all steps.
  /// - Throws: `AudioError` if a file cannot be decoded any more.
  public func batch(_ number: Int) throws -> Batch {
    let samples = grid.samples(ofBatch: number)
    return batch(of: samples, crops: try samples.map { try crop($0) })
  }
}

extension CropSampler {
  /// One row of a batch.
  struct Crop: Sendable {
    /// `[L]`, at the level at which the encoder takes it.
    var audio: [Float]
    /// For every label set a code for each frame.
    var codes: [[Int32]]
    /// Of every target, `[T, W]`.
    var targets: [Tensor]
  }

  /// The sample numbers of a batch.
  func samples(ofBatch number: Int) -> Range<Int> { grid.samples(ofBatch: number) }

  /// The crop of one sample.
  func crop(_ sample: Int) throws(AudioError) -> Crop {
    let place = place(of: sample)
    var samples = try audio.crop(
      file: place.file, start: place.frame * grid.stride, length: grid.samples)
    scales[place.file].apply(to: &samples)
    return Crop(
      audio: samples, codes: codes(at: place), targets: try targets(of: samples, at: place))
  }

  private func targets(
    of samples: [Float], at place: Place
  ) throws(AudioError) -> [Tensor] {
    var all: [Tensor] = []
    for (_, target) in targets {
      let values = target(samples)
      if let bad = values.firstNonFinite {
        let frame = place.frame + bad / values.shape[1]
        throw .featuresNotFinite(
          path: audio.files[place.file].path,
          seconds: Double(frame * grid.stride) / Double(grid.sampleRate),
          channel: bad % values.shape[1])
      }
      all.append(values)
    }
    return all
  }

  /// The file that a sample is cut from, by its path in the manifest.
  func file(of sample: Int) -> String { audio.files[place(of: sample).file].path }

  /// The rows of a batch together.
  func batch(of samples: Range<Int>, crops: [Crop]) -> Batch {
    let audio = Tensor(
      crops.flatMap(\.audio), shape: [crops.count, grid.samples])
    let targets = targets.enumerated().map { number, target in
      (target.name, Tensor.stacked(crops.map { $0.targets[number] }))
    }
    return Batch(
      audio: audio, samples: Array(samples),
      codes: crops[0].codes.indices.map { set in crops.flatMap { $0.codes[set] } },
      targets: Dictionary(uniqueKeysWithValues: targets))
  }

  private struct Place {
    var file: Int
    /// The first frame.
    var frame: Int
  }

  private func place(of sample: Int) -> Place {
    let epoch = sample / items.count
    let order = orders.order(epoch: epoch, count: items.count, seed: grid.seed)
    let file = items[order[sample % items.count]]
    var stream = RandomStream(seed: grid.seed, purpose: .crop, sample: sample)
    let last = (audio.samples(of: file) - grid.samples) / grid.stride
    let labelled = codes.isEmpty ? last : min(last, codes[file][0].count - grid.frames)
    return Place(file: file, frame: Int.random(in: 0...max(0, labelled), using: &stream))
  }

  /// For every label set the codes of a crop. A teacher whose last window does not fit any more makes a
  /// code less than the encoder frames: the last one is repeated.
  private func codes(at place: Place) -> [[Int32]] {
    guard !codes.isEmpty else { return [] }
    return codes[place.file].map { all in
      (0..<grid.frames).map { all[min(place.frame + $0, all.count - 1)] }
    }
  }
}

extension Tensor {
  /// Tensors of one shape `[T, W]` as one, `[B, T, W]`.
  fileprivate static func stacked(_ rows: [Tensor]) -> Tensor {
    concatenated(rows.map { $0.reshaped([1, $0.shape[0], $0.shape[1]]) }, axis: 0)
  }
}
