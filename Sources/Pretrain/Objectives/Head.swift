import Models
import Tensor

/// An objective of masked pre-training: it predicts something of each frame from the encoder's output.
///
/// A new one is a file with a head and its setting, and a line in `Objective`.
public protocol Head: Module {
  /// The loss at some frames.
  ///
  /// - Parameters:
  ///   - outputs: The encoder's output at these frames, `[N, D]`, float32.
  ///   - targets: What is to be predicted there.
  /// - Returns: The mean over the frames, and what is worth watching.
  /// - Throws: If there is nothing left to learn.
  func loss(at outputs: Tensor, of targets: FrameTargets) throws -> Loss
}

/// What heads predict at some frames of a batch.
public struct FrameTargets {
  /// The batch.
  public let batch: Batch
  /// The frames, as rows of `[B·T, D]`, ascending.
  public let frames: [Int]
  /// Frames of a crop, `T`.
  public let cropFrames: Int
  /// What leaves the layers that heads read beside the encoder's output, at these frames, `[N, D]`, float32.
  public let layers: [Int: Tensor]
  /// What the averaged teacher computed at these frames; nil without one.
  public let taught: TaughtFrames?
  /// The pass, whose seed and step decide what a head draws.
  public let pass: ForwardPass

  /// The targets at `frames` of a batch, whose crops have `cropFrames` of them.
  public init(
    _ batch: Batch, at frames: [Int], of cropFrames: Int, layers: [Int: Tensor] = [:],
    taught: TaughtFrames? = nil, in pass: ForwardPass = .evaluating()
  ) {
    (self.batch, self.frames, self.taught) = (batch, frames, taught)
    (self.cropFrames, self.layers, self.pass) = (cropFrames, layers, pass)
  }

  /// What leaves a layer, or `outputs`, what leaves the encoder, if none is given.
  /// - Traps when: no head is known to read it.
  func outputs(_ outputs: Tensor, ofLayer layer: Int?) -> Tensor {
    guard let layer else { return outputs }
    guard let states = layers[layer] else {
      preconditionFailure("loss: the output of layer \(layer) was not kept")
    }
    return states
  }

  /// For each label set the codes of these frames, `N`.
  public var codes: [[Int32]] { batch.codes.map { set in frames.map { set[$0] } } }

  /// What a head's `CropTarget` computed, at these frames: `[N, W]`.
  /// - Traps when: the batch has none for it.
  public func computed(for head: String) -> Tensor {
    guard let target = batch.targets[head] else {
      preconditionFailure("loss: the batch has no target for '\(head)'")
    }
    return target.reshaped([target.shape[0] * target.shape[1], target.shape[2]])
      .gatheringRows(frames)
  }
}

/// The targets of an averaged teacher.
public struct TaughtFrames {
  /// `[N, D]`, untracked.
  public let features: Tensor
  /// The views of the crops if the encoder got them without their masked frames: the outputs are then those of
  /// the frames that were kept, `[views · kept, D]`.
  public let views: MaskedViews?
  /// The guard of the run.
  public let collapse: EMACollapse
  /// The step, for its message.
  public let step: Int
}
