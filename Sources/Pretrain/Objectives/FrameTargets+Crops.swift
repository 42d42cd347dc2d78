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

  /// The mean of the encoder's output over the frames of each crop.
  ///
  /// - Parameter outputs: At `frames`, `[N, D]`.
  /// - Returns: The crops that any of the frames is of, and their means, `[crops, D]`.
  func meanPerCrop(of outputs: Tensor) -> (crops: [Int], means: Tensor) {
    let owners = frames.map { $0 / cropFrames }
    let counts = Dictionary(grouping: owners) { $0 }.mapValues(\.count)
    let crops = counts.keys.sorted()
    let places = Dictionary(uniqueKeysWithValues: crops.enumerated().map { ($1, $0) })
    var shares = [Float](repeating: 0, count: crops.count * owners.count)
    for (frame, crop) in owners.enumerated() {
      shares[places[crop]! * owners.count + frame] = 1 / Float(counts[crop]!)
    }
    return (crops, Tensor(shares, shape: [crops.count, owners.count]).matmul(outputs))
  }
}

extension Tensor {
  /// The share of rows `[N, C]` whose largest number stands where that of other rows does.
  func agreement(with other: Tensor) -> Float {
    let pairs = zip(argmax(axis: 1).integers, other.detached().argmax(axis: 1).integers)
    return Float(pairs.count { $0 == $1 }) / Float(Swift.max(1, shape[0]))
  }
}
