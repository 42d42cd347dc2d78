import Models
import Tensor

/// What heads need that look at whole crops.
extension FrameTargets {
  /// A stream of random numbers for a crop of the batch, by its sample number and the step.
  func stream(_ purpose: RandomPurpose, crop: Int) -> RandomStream {
    RandomStream(
      seed: pass.seed, purpose: purpose, step: pass.step, sample: batch.samples[crop])
  }

  /// One for each crop.
  func streams(_ purpose: RandomPurpose) -> [RandomStream] {
    batch.samples.indices.map { stream(purpose, crop: $0) }
  }

  /// What a head's `CropTarget` computed, at all frames, `[B, T, W]`.
  /// - Traps when: the batch has none for it.
  func spectra(of head: String) -> Tensor {
    guard let target = batch.targets[head] else {
      preconditionFailure("loss: the batch has no target for '\(head)'")
    }
    return target
  }

  /// The crop that the `number`-th of `frames` lies in.
  func crop(ofFrame number: Int) -> Int { frames[number] / cropFrames }
}

/// Averages over the frames of each crop.
struct CropAverages {
  /// The crops that any of the frames is of, ascending.
  let crops: [Int]
  /// For each frame the place of its crop among `crops`.
  private let places: [Int]
  /// What each frame adds to each crop, `[crops, N]`.
  private let shares: Tensor

  init(over targets: FrameTargets) {
    let owners = targets.frames.map { $0 / targets.cropFrames }
    let counts = Dictionary(grouping: owners) { $0 }.mapValues(\.count)
    crops = counts.keys.sorted()
    let numbers = Dictionary(uniqueKeysWithValues: crops.enumerated().map { ($1, $0) })
    places = owners.map { numbers[$0]! }
    var shares = [Float](repeating: 0, count: crops.count * owners.count)
    for (frame, place) in places.enumerated() {
      shares[place * owners.count + frame] = 1 / Float(counts[owners[frame]]!)
    }
    self.shares = Tensor(shares, shape: [crops.count, owners.count])
  }

  /// `[N, D] -> [crops, D]`
  func mean(of outputs: Tensor) -> Tensor { shares.matmul(outputs) }

  /// Mean and standard deviation, `[N, D] -> [crops, 2 D]`.
  func statistics(of outputs: Tensor) -> Tensor {
    let mean = mean(of: outputs)
    let variance = self.mean(of: (outputs - mean.gatheringRows(places)).squared())
    return .concatenated([mean, (variance + 1e-5).squareRoot()], axis: 1)
  }
}

extension Tensor {
  /// The share of rows `[N, C]` whose largest number stands where that of other rows does.
  func agreement(with other: Tensor) -> Float {
    let pairs = zip(argmax(axis: 1).integers, other.detached().argmax(axis: 1).integers)
    return Float(pairs.count { $0 == $1 }) / Float(Swift.max(1, shape[0]))
  }
}
