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

  /// All frames of crops that are cut from some files.
  private func targets(files: [Int], frames: Int) -> FrameTargets {
    let batch = Batch(
      audio: .zeros([files.count, 1]), samples: Array(files.indices), files: files)
    return FrameTargets(batch, at: Array(0..<files.count * frames), of: frames)
  }

  /// Frames `[crops · frames, width]` of crops that come in pairs with one mean and one deviation.
  private func pairs(_ count: Int, frames: Int, width: Int) -> Tensor {
    let ones = (0..<count).map { Tensor.normal([frames, width], seed: UInt64($0)) }
    return .concatenated(ones.flatMap { [$0, $0] }, axis: 0)
  }

  /// The loss by its formula, from the head's own weights; crop 4 has no partner, and crop 7 is of the file of a pair.
  @Test func theLossIsThatOfItsFormula() throws {
    let (head, files, frames) = (head(width: 3), [0, 0, 1, 1, 2, 3, 3, 1], 5)
    let outputs = Tensor.normal([files.count * frames, 3], seed: 4)
    let z = try files.indices.map {
      try output(of: head, for: outputs[$0 * frames..<($0 + 1) * frames])
    }
    func similarity(_ i: Int, _ k: Int) -> Double {
      zip(z[i], z[k]).reduce(0) { $0 + Double($1.0 * $1.1) } / 0.2
    }
    let partners = [(0, 1), (1, 0), (2, 3), (3, 2), (5, 6), (6, 5)]
    let losses = partners.map { i, j in
      let others = partners.map(\.0).filter { files[$0] != files[i] } + [j]
      return log(others.reduce(0) { $0 + exp(similarity(i, $1)) }) - similarity(i, j)
    }
    let loss = head.loss(at: outputs, of: targets(files: files, frames: frames))
    #expect(abs(Double(loss.total.scalar) - losses.reduce(0, +) / 6) < 1e-4)
  }

  /// What the net computes of the frames of a crop, brought to length 1.
  private func output(of head: ContrastPrediction, for frames: Tensor) throws -> [Float] {
    let parts = Dictionary(uniqueKeysWithValues: head.state.map { ($0.path, $0.tensor) })
    func map(_ x: Tensor, _ name: String) throws -> Tensor {
      x.linear(weight: try #require(parts[name + ".weight"]), bias: parts[name + ".bias"])
    }
    let mean = frames.mean(axis: 0, keepingDims: true)
    let deviation = ((frames - mean).squared().mean(axis: 0, keepingDims: true) + 1e-5)
      .squareRoot()
    let x = try map(.concatenated([mean, deviation], axis: 1), "inner")
    let z = try map(x.layerNorm(weight: nil, bias: nil).gelu(), "output")
    return (z / z.squared().sum().squareRoot()).scalars
  }

  /// Partners that are alike are each other's nearest.
  @Test func equalPartnersAreFound() {
    let loss = head(width: 3).loss(
      at: pairs(3, frames: 5, width: 3), of: targets(files: [0, 0, 1, 1, 2, 2], frames: 5))
    #expect(loss.terms["contrast.accuracy"] == 1)
  }

  /// Crops that are all alike are told apart by nobody: `ln 5` with a partner and four of other files.
  @Test func equalCropsHaveTheLossOfChance() {
    let one = Tensor.normal([4, 3], seed: 5)
    let outputs = Tensor.concatenated(Array(repeating: one, count: 6), axis: 0)
    let loss = head(width: 3).loss(at: outputs, of: targets(files: [0, 0, 1, 1, 2, 2], frames: 4))
    #expect(abs(loss.total.scalar - Float(log(5.0))) < 1e-4)
  }

  /// The order of frames within a crop does not matter, nor where pairs stand in the batch.
  @Test func onlyTheStatisticsOfACropCount() {
    let outputs = Tensor.normal([4 * 3, 3], seed: 8)
    let head = head(width: 3)
    let loss = head.loss(at: outputs, of: targets(files: [0, 0, 1, 1], frames: 3)).total.scalar
    let turned = outputs.gatheringRows([2, 0, 1, 4, 3, 5, 6, 7, 8, 9, 10, 11])
    let again = head.loss(at: turned, of: targets(files: [0, 0, 1, 1], frames: 3)).total.scalar
    #expect(abs(loss - again) < 1e-5)
    let swapped = outputs.gatheringRows([6, 7, 8, 9, 10, 11, 0, 1, 2, 3, 4, 5])
    let moved = head.loss(at: swapped, of: targets(files: [0, 0, 1, 1], frames: 3)).total.scalar
    #expect(abs(loss - moved) < 1e-5)
  }

  /// Held-out crops may all be of different files: no pair, and no loss.
  @Test func cropsOfDifferentFilesAreNoPartners() {
    let loss = head(width: 3).loss(
      at: .normal([3 * 3, 3], seed: 8), of: targets(files: [0, 1, 0], frames: 3))
    #expect(loss.total.scalar == 0 && loss.terms.isEmpty)
  }

  @Test func gradients() {
    let head = head(width: 3)
    let targets = targets(files: [0, 0, 1, 1], frames: 3)
    expectGradients(
      of: { head.loss(at: $0[0], of: targets).total }, at: [.normal([12, 3], seed: 2)])
  }
}
