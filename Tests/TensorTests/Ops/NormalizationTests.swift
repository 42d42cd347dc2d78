import Tensor
import TestSupport
import Testing

@Suite struct NormalizationTests {
  @Test(arguments: [[3], [2, 7], [2, 3, 17], [5, 2], [0, 4]] as [Shape], [true, false])
  func gradientsOfLayerNorm(shape: Shape, affine: Bool) {
    let width = shape[shape.rank - 1]
    let x = Tensor.normal(shape, seed: 1)
    let parameters = [Tensor.normal([width], seed: 2), .normal([width], seed: 3)]
    expectGradients(
      of: {
        $0[0].layerNorm(
          weight: affine ? $0[1] : nil, bias: affine ? $0[2] : nil, epsilon: 0.1)
      }, at: [x] + (affine ? parameters : []))
  }

  @Test(
    arguments: [[1, 3], [2, 7], [2, 3, 17], [3, 2, 64], [2, 5, 100], [0, 4]] as [Shape], [0, 0.3])
  func theNormOfASumIsThatOfItsParts(shape: Shape, probability: Float) {
    let width = shape[shape.rank - 1]
    let mask = DropoutMask(
      probability: probability, seed: 3, step: 1, site: 2, samples: Array(0..<shape[0]))
    let inputs =
      [Tensor.normal(shape, seed: 1), .normal(shape, seed: 2)]
      + [Tensor.normal([width], seed: 3), .normal([width], seed: 4)]
    let fused = { (x: [Tensor]) in
      x[0].layerNorm(
        adding: x[1], dropout: probability > 0 ? mask : nil, weight: x[2], bias: x[3], epsilon: 0.1)
    }
    let composed = { (x: [Tensor]) in
      (x[0] + x[1].dropout(mask)).layerNorm(weight: x[2], bias: x[3], epsilon: 0.1)
    }
    #expect(fused(inputs).scalars == composed(inputs).scalars)
    expectGradients(of: fused, at: inputs)
    let rounded = inputs.enumerated().map { $0 < 2 ? $1.cast(to: .bfloat16) : $1 }
    expectClose(
      fused(rounded).cast(to: .float32), composed(inputs), relative: 0.02)
  }

  /// Sum, norm and all gradients are those of three operations, to the bit.
  @Test(
    arguments: [[1, 3], [2, 7], [2, 3, 17], [3, 2, 64], [2, 5, 100], [0, 4]] as [Shape], [0, 0.3])
  func aSumAndItsNormAreThoseOfTheirParts(shape: Shape, probability: Float) {
    let width = shape[shape.rank - 1]
    let mask = DropoutMask(
      probability: probability, seed: 3, step: 1, site: 2, samples: Array(0..<shape[0]))
    let inputs = [shape, shape, [width], [width]].enumerated().map {
      Tensor.normal($1, seed: UInt64($0))
    }
    let fused = { (x: [Tensor]) in
      let (sum, norm) = x[0].sumAndLayerNorm(
        adding: x[1], dropout: probability > 0 ? mask : nil, weight: x[2], bias: x[3])
      return sum.adding(norm, dropout: mask)
    }
    let composed = { (x: [Tensor]) in
      let sum = x[0] + x[1].dropout(mask)
      return sum + sum.layerNorm(weight: x[2], bias: x[3]).dropout(mask)
    }
    #expect(fused(inputs).scalars == composed(inputs).scalars)
    let leaves = inputs.map { $0.tracked() }
    let (mine, theirs) = (fused(leaves).sum().gradients(), composed(leaves).sum().gradients())
    for leaf in leaves { #expect(mine[leaf]?.scalars == theirs[leaf]?.scalars) }
  }

  @Test(arguments: [[1, 5, 3], [3, 7, 1], [2, 3, 17], [0, 3, 4]] as [Shape], 0..<4)
  func gradientsOfNormalizingOverTime(shape: Shape, parameters: Int) {
    let x = Tensor.normal(shape, seed: 1)
    let channels: Shape = [shape[2]]
    let weight = parameters & 1 == 0 ? [] : [Tensor.normal(channels, seed: 2)]
    let bias = parameters & 2 == 0 ? [] : [Tensor.normal(channels, seed: 3)]
    expectGradients(
      of: {
        $0[0].normalizedOverTime(
          weight: weight.isEmpty ? nil : $0[1], bias: bias.isEmpty ? nil : $0[$0.count - 1],
          epsilon: 0.1)
      }, at: [x] + weight + bias)
  }

  @Test(arguments: [[1], [5], [3, 7], [2, 3, 17], [0, 4]] as [Shape])
  func gradientsOfCosinesAndSoftmax(shape: Shape) {
    let x = Tensor.normal(shape, seed: 1)
    expectGradients(of: { $0[0].l2Normalized() }, at: [x * 2 + 0.3], tolerance: 5e-3)
    expectGradients(of: { $0[0].softmax() }, at: [x * 2])
  }

  @Test(arguments: [[1, 1], [3, 7], [5, 17], [0, 4]] as [Shape])
  func gradientsOfCrossEntropy(shape: Shape) {
    let x = Tensor.normal(shape, seed: 1)
    let targets = (0..<shape[0]).map { Int32($0 * 5 % shape[1]) }
    expectGradients(of: { $0[0].crossEntropy(targets: targets) }, at: [x])
  }

  @Test func rowsHaveMeanZeroAndVarianceOne() {
    let x = Tensor.normal([3, 1000], seed: 1) * 5 + 100
    let y = x.layerNorm(weight: nil, bias: nil)
    for mean in y.mean(axis: 1).scalars { #expect(abs(mean) < 1e-4) }
    expectClose(y.squared().mean(axis: 1), .ones([3]), relative: 1e-4)
    let z = x.reshaped([3, 1000, 1]).normalizedOverTime()
    expectClose(z.reshaped([3, 1000]), y, relative: 1e-4)
  }

  @Test func extremeLogits() {
    let x = Tensor([1000, 0, -1000, -.infinity, 3, 3], shape: [2, 3])
    expectClose(x.softmax(), Tensor([1, 0, 0, 0, 0.5, 0.5], shape: [2, 3]))
    #expect(x.crossEntropy(targets: [1, 0]).scalars == [1000, .infinity])
    #expect(Tensor.full([2], -.infinity).softmax().scalars.map(\.isNaN) == [true, true])
    #expect(x.argmax(axis: 1).integers == [0, 1])
  }

  @Test func aZeroRowHasNoDirection() {
    #expect(Tensor.zeros([2, 3]).l2Normalized().scalars == [0, 0, 0, 0, 0, 0])
  }
}
