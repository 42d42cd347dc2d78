import Tensor
import TestSupport
import Testing

@Suite struct CodeCrossEntropyTests {
  /// `N, V, D`: one of each, several blocks of rows, a block left over, nothing.
  static let sizes = [[1, 1, 1], [3, 7, 5], [5, 2, 1], [150, 11, 3], [0, 4, 2]]

  private static func targets(_ sizes: [Int]) -> [Int32] {
    (0..<sizes[0]).map { Int32(($0 * 5 + 1) % sizes[1]) }
  }

  @Test(arguments: sizes)
  func equalsTheComposition(sizes: [Int]) {
    let x = Tensor.normal([sizes[0], sizes[2]], seed: 1).tracked()
    let codes = Tensor.normal([sizes[1], sizes[2]], seed: 2).tracked()
    let targets = Self.targets(sizes)
    let logits = x.matmul(codes, transposingRight: true) / 0.3
    let expected = logits.crossEntropy(targets: targets)
    let (found, predictions) = x.crossEntropy(among: codes, targets: targets, temperature: 0.3)
    expectClose(found, expected, relative: 1e-6)
    #expect(predictions == logits.argmax(axis: 1).integers)
    let direction = Tensor.normal([sizes[0]], seed: 3)
    let (a, b) = (found.gradients(along: direction), expected.gradients(along: direction))
    expectClose(a[x]!, b[x]!, relative: 2e-6)
    expectClose(a[codes]!, b[codes]!, relative: 2e-6)
  }

  @Test(arguments: sizes.prefix(3))
  func gradients(sizes: [Int]) {
    expectGradients(
      of: {
        $0[0].crossEntropy(
          among: $0[1], targets: Self.targets(sizes), temperature: 0.5
        ).losses
      },
      at: [.normal([sizes[0], sizes[2]], seed: 1), .normal([sizes[1], sizes[2]], seed: 2)])
  }
}
