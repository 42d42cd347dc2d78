import Audio
import Foundation
import Models
import Pretrain
import Tensor

/// Draws the crops of every step from a collection, with the teachers' codes for them.
///
/// An epoch holds every file once for each whole crop in its length, in an order of its own; the
/// place in the file is drawn uniformly. Collections with weights have epochs of their own. All of it depends on seed, step and sample number alone.
/// Crops start on the encoder's frame grid, so that the code of a frame is the teacher's for exactly
/// these samples (fairseq lets them be off by up to half a frame).
public struct CropSampler: Sendable {
  private let audio: any AudioSource
  private let labels: (any CropLabels)?
  private let grid: CropGrid
  /// What is computed of every crop, by the name of the head that predicts it.
  private let targets: [(name: String, target: any CropTarget)]
  /// For every file how many crops an epoch has up to its end.
  private let ends: [Int]
  private let order: CropOrder
  private let scales: [AudioScale]

  /// - Parameters:
  ///   - material: The collection at the encoder's rate.
  ///   - recipe: The recipe.
  /// - Throws: `RunError.noData` if no file is as long as a crop, `AudioError` if one cannot be decoded,
  ///   `FileError` if a file that targets are computed with is missing or does not fit.
  public init(_ material: TrainingMaterial, recipe: Recipe) throws {
    let targets = try recipe.objective.heads.compactMap { head in
      try head.target(for: recipe.chosenEncoder).map { (type(of: head).name, $0) }
    }
    try self.init(
      material, grid: recipe.grid, targets: targets,
      normalizing: recipe.chosenEncoder.normalizesWaveform)
  }

  /// - Parameters:
  ///   - material: The collection at the model's rate.
  ///   - grid: Where crops may lie.
  ///   - targets: What is computed of every crop.
  ///   - normalizing: Whether files are brought to mean 0 and variance 1.
  /// - Throws: As the other initialiser.
  init(
    _ material: TrainingMaterial, grid: CropGrid,
    targets: [(name: String, target: any CropTarget)] = [], normalizing: Bool = false
  ) throws {
    let audio = material.audio
    (self.audio, labels, self.grid, self.targets) = (audio, material.labels, grid, targets)
    var end = 0
    ends = (0..<audio.count).map { file in
      end += audio.samples(of: file) / grid.samples
      return end
    }
    let cropSeconds = Double(grid.samples) / Double(grid.sampleRate)
    guard end > 0 else { throw RunError.noData("data", seconds: cropSeconds) }
    order = try CropOrder(
      ends: ends, shares: material.shares, material.order, seed: grid.seed,
      cropSeconds: cropSeconds)
    scales = try AudioScale.all(of: audio, normalizing: normalizing)
  }

  /// Crops in an epoch.
  public var count: Int { ends.last! * grid.cropsPerFile }

  /// A batch by its number, counted over all steps.
  /// - Throws: `AudioError` if a file cannot be decoded any more, `LabelError` if its labels cannot be read.
  public func batch(_ number: Int) throws -> Batch {
    let samples = grid.samples(ofBatch: number)
    return batch(of: samples, crops: try samples.map { try crop($0) })
  }
}

extension CropSampler {
  /// One row of a batch.
  struct Crop: Sendable {
    /// The number of its file.
    var file: Int
    /// `[L]`, at the level at which the encoder takes it.
    var audio: [Float]
    /// For every label set a code for each frame.
    var codes: [[Int32]]
    /// Of every target, `[T, W]`.
    var targets: [Tensor]
  }

  /// The sample numbers of a batch.
  func samples(ofBatch number: Int) -> Range<Int> { grid.samples(ofBatch: number) }

  /// The audio of one sample alone.
  func audio(of sample: Int) throws -> [Float] { try audio(at: place(of: sample)) }

  private func audio(at place: Place) throws -> [Float] {
    var samples = try audio.crop(
      file: place.file, start: place.frame * grid.stride, length: grid.samples)
    scales[place.file].apply(to: &samples)
    return samples
  }

  /// The crop of one sample.
  func crop(_ sample: Int) throws -> Crop {
    let place = place(of: sample)
    let samples = try audio(at: place)
    let codes = try labels?.codes(of: place.file, frames: place.frame..<place.frame + grid.frames)
    return Crop(
      file: place.file, audio: samples, codes: codes ?? [],
      targets: try targets(of: samples, at: place))
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
      audio: audio, samples: Array(samples), files: crops.map(\.file),
      codes: crops[0].codes.indices.map { set in crops.flatMap { $0.codes[set] } },
      targets: Dictionary(uniqueKeysWithValues: targets))
  }

  private struct Place {
    var file: Int
    /// The first frame.
    var frame: Int
  }

  private func place(of sample: Int) -> Place {
    let file = file(ofItem: order.item(ofSample: sample / grid.cropsPerFile))
    var stream = RandomStream(seed: grid.seed, purpose: .crop, sample: sample)
    let last = (audio.samples(of: file) - grid.samples) / grid.stride
    let labelled = labels.map { min(last, $0.frames(of: file) - grid.frames) } ?? last
    return Place(file: file, frame: Int.random(in: 0...max(0, labelled), using: &stream))
  }

  /// The first file whose crops end behind an item, by binary search.
  private func file(ofItem item: Int) -> Int {
    var (low, high) = (0, ends.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if ends[middle] > item { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

extension Tensor {
  /// Tensors of one shape `[T, W]` as one, `[B, T, W]`.
  fileprivate static func stacked(_ rows: [Tensor]) -> Tensor {
    concatenated(rows.map { $0.reshaped([1, $0.shape[0], $0.shape[1]]) }, axis: 0)
  }
}
