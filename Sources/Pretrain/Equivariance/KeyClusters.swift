import Models
import Optimisation
import Tensor

/// A small net that computes a distribution over twelve tonics in each of some modes, from statistics of a chroma. Which
/// tonic and which mode a class stands for is left open.
///
/// Three `CircularLinear` maps with a residual sum in the middle, so the classes of a mode turn with a transposition.
struct KeyClusterNet: Module {
  private var first: CircularLinear
  private var middle: CircularLinear
  private var last: CircularLinear

  init(
    channels: Int, inner: Int, modes: Int, using generator: inout some RandomNumberGenerator
  ) {
    first = CircularLinear(from: channels, to: inner, using: &generator)
    middle = CircularLinear(from: inner, to: inner, using: &generator)
    last = CircularLinear(from: inner, to: modes, using: &generator)
  }

  /// - Parameter statistics: `[S, channels · 12]`.
  /// - Returns: Logits, `[S, modes · 12]`.
  func callAsFunction(_ statistics: Tensor) -> Tensor {
    let x = first(statistics).gelu()
    return last(x + middle(x).gelu())
  }

  /// Those of both halves of crops, whose statistics stand side by side, `[S, 2 · channels · 12]`.
  func logits(ofHalves halves: Tensor) -> (Tensor, Tensor) {
    let (crops, width) = (halves.shape[0], halves.shape[1] / 2)
    let rows = Tensor.concatenated(
      [halves.sliced(axis: 1, 0..<width), halves.sliced(axis: 1, width..<2 * width)], axis: 0)
    let logits = self(rows)
    return (logits.sliced(axis: 0, 0..<crops), logits.sliced(axis: 0, crops..<2 * crops))
  }

  mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("first", &first)
    visitor.child("middle", &middle)
    visitor.child("last", &last)
  }
}

/// Fits a `KeyClusterNet` without labels: two halves of a crop are to be of one class, and the modes equally frequent.
///
/// Each half predicts what the other is assigned to, by cross-entropy. The assignments of a batch are its distributions at
/// the temperature `sharpness`, scaled in turn so that each mode has the same share of the batch and each crop a sum of
/// 1 (Sinkhorn); tonics need no balance, because the net turns with a transposition.
///
/// Source: the assignment of Caron et al. 2020 (SwAV), for classes that turn.
struct KeyClusterFit {
  /// As it is now.
  private(set) var net: KeyClusterNet
  private let config: KeyClusterPrediction.Config
  private let halves: Tensor
  private let seed: UInt64
  private var optimizer: AdamW
  private var step = 0

  /// - Parameters:
  ///   - halves: Statistics of both halves of crops, `[N, 2 C]`.
  ///   - net: The net before its first step.
  ///   - config: The numbers.
  ///   - seed: Decides batches and noise.
  init(to halves: Tensor, _ net: KeyClusterNet, _ config: KeyClusterPrediction.Config, seed: UInt64)
  {
    (self.halves, self.net, self.config, self.seed) = (halves, net, config, seed)
    self.net.trackGradients()
    var adam = AdamW.Config()
    (adam.beta2, adam.epsilon, adam.weightDecay, adam.clipNorm) = (0.999, 1e-8, 1e-5, 0)
    optimizer = AdamW(adam, for: self.net)
  }

  /// The fitted net.
  /// - Throws: `KeyClusterError`.
  static func net(
    fittedTo halves: Tensor, from net: KeyClusterNet, _ config: KeyClusterPrediction.Config,
    seed: UInt64
  ) throws(KeyClusterError) -> KeyClusterNet {
    var fit = KeyClusterFit(to: halves, net, config, seed: seed)
    while fit.step < config.fitSteps { try fit.advance() }
    return fit.net.detached()
  }

  private mutating func advance() throws(KeyClusterError) {
    var stream = RandomStream(seed: seed, purpose: .clustering, step: step)
    let rows = (0..<config.fitCrops).map { _ in
      Int.random(in: 0..<halves.shape[0], using: &stream)
    }
    let batch = halves.gatheringRows(rows)
    let noisy = batch + .normal(batch.shape, standardDeviation: config.noise, using: &stream)
    let (first, second) = net.logits(ofHalves: noisy)
    let loss =
      (config.assigned(first.detached()).crossEntropy(of: second.softmax())
        + config.assigned(second.detached()).crossEntropy(of: first.softmax())) * 0.5
    let norms = optimizer.update(&net, along: loss.gradients(), rate: config.fitRate)
    guard loss.scalar.isFinite, norms.total.isFinite else { throw .diverged(step: step) }
    step += 1
  }
}

/// Why clusters of keys could not be fitted.
public enum KeyClusterError: Error, Equatable, CustomStringConvertible {
  /// The loss of a step of the fit is not finite.
  case diverged(step: Int)

  /// One line with the remedy.
  public var description: String {
    switch self {
    case .diverged(let step):
      "objective.keyClusters: the loss of its fit is not finite at step \(step); lower fitRate"
    }
  }
}

extension KeyClusterPrediction.Config {
  /// The balanced assignment of a batch, `[S, modes · 12]`.
  fileprivate func assigned(_ logits: Tensor) -> Tensor {
    var shares = (logits * (1 / sharpness)).softmax()
    let modes = logits.shape[1] / 12
    for _ in 0..<3 {
      let frequencies = shares.sum(axis: 0).reshaped([modes, 12]).sum(axis: 1).scalars
      let scale = Tensor((0..<modes * 12).map { 1 / max(frequencies[$0 / 12], 1e-6) })
      shares = shares * scale
      shares = shares / shares.sum(axis: 1).reshaped([logits.shape[0], 1])
    }
    return shares
  }
}
