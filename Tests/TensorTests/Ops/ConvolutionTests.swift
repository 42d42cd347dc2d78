import Tensor
import TestSupport
import Testing

@Suite struct ConvolutionTests {
  /// `B, T, I, O, K, stride`: overlapping, touching and skipping windows, and ends left over.
  static let strided = [
    [1, 1, 1, 1, 1, 1], [2, 9, 3, 5, 3, 2], [3, 8, 1, 3, 5, 1], [2, 7, 2, 17, 2, 2],
    [1, 11, 3, 2, 2, 3], [2, 12, 1, 2, 10, 5], [0, 5, 2, 3, 2, 1],
  ]

  @Test(arguments: strided, [true, false])
  func gradients(sizes: [Int], biased: Bool) {
    let x = Tensor.normal([sizes[0], sizes[1], sizes[2]], seed: 1)
    let weight = Tensor.normal([sizes[3], sizes[4], sizes[2]], seed: 2)
    let bias = biased ? [Tensor.normal([sizes[3]], seed: 3)] : []
    expectGradients(
      of: { $0[0].conv1d(weight: $0[1], bias: biased ? $0[2] : nil, stride: sizes[5]) },
      at: [x, weight] + bias)
  }

  /// `B, T, I, O, K, groups, padding`: odd and even kernels, one group and depth-wise.
  static let grouped = [
    [1, 1, 1, 1, 1, 1, 0], [2, 7, 6, 4, 3, 2, 1], [1, 5, 4, 4, 4, 4, 2], [3, 6, 3, 5, 2, 1, 0],
    [2, 4, 9, 3, 5, 3, 4], [0, 4, 4, 4, 3, 2, 1],
  ]

  @Test(arguments: grouped, [true, false])
  func gradientsInGroups(sizes: [Int], biased: Bool) {
    let x = Tensor.normal([sizes[0], sizes[1], sizes[2]], seed: 1)
    let weight = Tensor.normal([sizes[3], sizes[4], sizes[2] / sizes[5]], seed: 2)
    let bias = biased ? [Tensor.normal([sizes[3]], seed: 3)] : []
    expectGradients(
      of: {
        $0[0].conv1d(
          weight: $0[1], bias: biased ? $0[2] : nil, padding: .both(sizes[6]), groups: sizes[5])
      }, at: [x, weight] + bias)
  }

  /// `B, T, stride, K` of convolutions that are large enough to be cut into pieces along every side,
  /// and whose weights have gradients that are sums of parts.
  static let large = [[1, 2100, 2, 3], [3, 700, 2, 3], [11, 150, 1, 3], [2, 1100, 3, 2]]

  /// One product of gathered frames for each tap, whose gradients are those of other operations.
  @Test(arguments: large) func largeOnesAreSumsOverTaps(sizes: [Int]) {
    let (batch, time, stride, kernel) = (sizes[0], sizes[1], sizes[2], sizes[3])
    let x = Tensor.normal([batch, time, 256], seed: 1)
    let weight = Tensor.normal([512, kernel, 256], seed: 2)
    func sumOverTaps(_ x: Tensor, _ weight: Tensor) -> Tensor {
      let frames = (time - kernel) / stride + 1
      let rows = x.reshaped([batch * time, 256])
      let sum = (0..<kernel).map { tap in
        let indices = (0..<batch * frames).map { $0 / frames * time + $0 % frames * stride + tap }
        let taps = weight.sliced(axis: 1, tap..<tap + 1).reshaped([512, 256])
        return rows.gatheringRows(indices).matmul(taps, transposingRight: true)
      }.reduce(Tensor.zeros([1])) { $0 + $1 }
      return sum.reshaped([batch, frames, 512])
    }
    func results(_ function: (Tensor, Tensor) -> Tensor) -> [Tensor] {
      let (x, weight) = (x.tracked(), weight.tracked())
      let y = function(x, weight)
      let gradients = (y * .normal(y.shape, seed: 3)).sum().gradients()
      return [y, gradients[x]!, gradients[weight]!]
    }
    let expected = results(sumOverTaps)
    for (own, other) in zip(results { $0.conv1d(weight: $1, stride: stride) }, expected) {
      expectClose(own, other)
    }
  }

  @Test func valuesByHand() {
    let x = Tensor([1, 2, 3, 4, 5], shape: [1, 5, 1])
    let weight = Tensor([1, 10, 100], shape: [1, 3, 1])
    #expect(x.conv1d(weight: weight).scalars == [321, 432, 543])
    #expect(x.conv1d(weight: weight, bias: Tensor([1]), stride: 2).scalars == [322, 544])
    let padded = x.conv1d(weight: weight, padding: .both(1))
    #expect(padded.scalars == [210, 321, 432, 543, 54])
  }
}

/// A convolution over one axis of length 1 is `conv1d` over the other.
@Suite struct PlaneConvolutionTests {
  @Test func overOneRowIsConv1d() {
    let (x, weight) = (Tensor.normal([2, 700, 6], seed: 1), Tensor.normal([5, 3, 6], seed: 2))
    let y = x.conv1d(weight: weight, stride: 2, padding: .both(2), dilation: 3)
    let axis = ConvolutionAxis(stride: 2, dilation: 3, padding: .both(2))
    let bands = x.insertingAxis(at: 1).conv2d(weight: weight.insertingAxis(at: 1), frequency: axis)
    let frames = x.insertingAxis(at: 2).conv2d(weight: weight.insertingAxis(at: 2), time: axis)
    expectClose(bands.removingAxis(1), y, relative: 1e-6)
    expectClose(frames.removingAxis(2), y, relative: 1e-6)
  }

  @Test func valuesByHand() {
    let x = Tensor([1, 2, 3, 4], shape: [1, 2, 2, 1])
    let weight = Tensor([1, 10, 100, 1000], shape: [1, 2, 2, 1])
    #expect(x.conv2d(weight: weight).scalars == [4321])
    let both = ConvolutionAxis(stride: 2, padding: .both(1))
    let y = x.conv2d(weight: weight, bias: Tensor([0.5]), time: both, frequency: both)
    #expect(y.scalars == [1000.5, 200.5, 30.5, 4.5])
  }
}
