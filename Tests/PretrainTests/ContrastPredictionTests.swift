import Foundation
import Models
import Pretrain
import Tensor
import TestSupport
import Testing

/// Crops of one file against those of others.
@Suite struct ContrastPredictionTests {
  private func head(width: Int, _ edit: (inout ContrastPrediction.Config) -> Void = { _ in })
    -> ContrastPrediction
  {
    var config = ContrastPrediction.Config()
    (config.innerWidth, config.outputWidth) = (7, 5)
    edit(&config)
    var generator = RandomStream(seed: 3, purpose: .initialisation)
    return ContrastPrediction(config, hidden: width, using: &generator)
  }

  /// All frames of some crops, numbered from `first` on.
  private func targets(crops: Int, frames: Int, first: Int = 0) -> FrameTargets {
    let batch = Batch(audio: .zeros([crops, 1]), samples: Array(first..<first + crops))
    return FrameTargets(batch, at: Array(0..<crops * frames), of: frames)
  }

  /// Frames `[crops · frames, width]` of crops that come in pairs with one mean and one deviation.
  private func pairs(_ count: Int, frames: Int, width: Int) -> Tensor {
    let ones = (0..<count).map { Tensor.normal([frames, width], seed: UInt64($0)) }
    return .concatenated(ones.flatMap { [$0, $0] }, axis: 0)
  }

  /// The loss by its formula, from the net's outputs of the same statistics.
  @Test func theLossIsThatOfItsFormula() throws {
    let (head, outputs) = (head(width: 3), pairs(3, frames: 5, width: 3))
    let loss = head.loss(at: outputs, of: targets(crops: 6, frames: 5))
    // Partners are alike, so each crop meets its partner at 1 and the four others at less.
    #expect(loss.terms["contrast.accuracy"] == 1)
    let (least, most) = (log(1 + 4 * exp(-2 / 0.2)), log(5.0))
    #expect(Double(loss.total.scalar) > least && Double(loss.total.scalar) < most)
  }

  /// Crops that are all alike are told apart by nobody: `ln 5` with five others.
  @Test func equalCropsHaveTheLossOfChance() {
    let one = Tensor.normal([4, 3], seed: 5)
    let outputs = Tensor.concatenated(Array(repeating: one, count: 6), axis: 0)
    let loss = head(width: 3).loss(at: outputs, of: targets(crops: 6, frames: 4))
    #expect(abs(loss.total.scalar - Float(log(5.0))) < 1e-4)
  }

  /// The order of frames within a crop does not matter, nor where pairs stand in the batch.
  @Test func onlyTheStatisticsOfACropCount() {
    let outputs = Tensor.normal([4 * 3, 3], seed: 8)
    let head = head(width: 3)
    let loss = head.loss(at: outputs, of: targets(crops: 4, frames: 3)).total.scalar
    let turned = outputs.gatheringRows([2, 0, 1, 4, 3, 5, 6, 7, 8, 9, 10, 11])
    let again = head.loss(at: turned, of: targets(crops: 4, frames: 3)).total.scalar
    #expect(abs(loss - again) < 1e-5)
    let swapped = outputs.gatheringRows([6, 7, 8, 9, 10, 11, 0, 1, 2, 3, 4, 5])
    let moved = head.loss(at: swapped, of: targets(crops: 4, frames: 3)).total.scalar
    #expect(abs(loss - moved) < 1e-5)
  }

  /// Crops 1 and 2 are of two files, though they are neighbours; so no pair is left, and no loss.
  @Test func partnersAreAnEvenNumberAndTheNext() {
    let loss = head(width: 3).loss(
      at: .normal([2 * 3, 3], seed: 8), of: targets(crops: 2, frames: 3, first: 1))
    #expect(loss.total.scalar == 0 && loss.terms.isEmpty)
  }

  @Test func gradients() {
    let head = head(width: 3)
    let targets = targets(crops: 4, frames: 3)
    expectGradients(
      of: { head.loss(at: $0[0], of: targets).total }, at: [.normal([12, 3], seed: 2)])
  }
}
