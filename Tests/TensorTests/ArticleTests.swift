import Foundation
import Tensor
import TestSupport
import Testing

/// `docs/tensors.md`: its examples, run as they stand there.
@Suite struct ArticleTests {
  @Test func theExamplesRun() {
    let x = Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
    print(x)
    // Tensor [2, 3] float32
    // [[1, 2, 3],
    //  [4, 5, 6]]
    let rows: [Float] = x[1].scalars  // [4, 5, 6]
    let last = x[-1, -1].scalar  // 6
    #expect(x.description == "Tensor [2, 3] float32\n[[1, 2, 3],\n [4, 5, 6]]")
    #expect(rows == [4, 5, 6] && last == 6)

    var stream = RandomStream(seed: 1, purpose: .initialisation)
    let frames = Tensor.normal([4, 100, 64], using: &stream)  // [B, T, D]

    let first = frames[0]  // [T, D]
    let early = frames[0..., ..<10]  // [B, 10, D]
    let ends = frames[0..., -1]  // [B, D]
    let both = Tensor.stacked([first, first])  // [2, T, D]
    let turned = first.transposed()  // [D, T]
    #expect(first.shape == [100, 64] && early.shape == [4, 10, 64] && ends.shape == [4, 64])
    #expect(both.shape == [2, 100, 64] && turned.shape == [64, 100])

    let mean = frames.mean(axis: 1, keepingDims: true)  // [B, 1, D]
    let deviation = frames.variance(axis: 1, keepingDims: true).squareRoot()
    let normalised = (frames - mean) / (deviation + 1e-5)  // [B, T, D]
    let loudest = normalised.maximum(axis: -1)  // [B, T]
    let channels = normalised.argmax(axis: -1).integers  // B T of them
    #expect(mean.shape == [4, 1, 64] && normalised.shape == [4, 100, 64])
    #expect(loudest.shape == [4, 100] && channels.count == 400)

    let audible = frames.abs() .> 0.5  // [B, T, D], 1 and 0
    let share = audible.mean().scalar
    let gated = frames.replacing(with: 0, where: audible .== 0)  // [B, T, D]
    let halved = gated.clamped(lower: -2, upper: 2).glu()  // [B, T, D / 2]
    #expect(halved.shape == [4, 100, 32] && share > 0.6 && share < 0.64)

    let scores = Tensor.einsum("bqd,bkd->bqk", frames, frames) / 8  // [B, T, T]
    let mixed = scores.softmax().matmul(frames)  // [B, T, D]
    #expect(scores.shape == [4, 100, 100] && mixed.shape == [4, 100, 64])

    let distances = Tensor.zeros([8, 10, 100])  // [H, Tq, Tk]
    let crossed = Tensor.attention(
      queries: early, keys: frames, values: frames, heads: 8, bias: distances)  // [B, Tq, D]
    let causal = Tensor.attention(
      queries: frames, keys: frames, values: frames, heads: 8, context: .causal)  // [B, T, D]
    #expect(crossed.shape == [4, 10, 64] && causal.shape == [4, 100, 64])

    let kernel = Tensor.normal([32, 3, 64], using: &stream)  // [O, K, I]
    let shorter = frames.conv1d(weight: kernel, stride: 2)  // [B, 49, O]
    let dilated = frames.conv1d(
      weight: kernel, padding: .causal(kernel: 3, dilation: 4), dilation: 4)  // [B, T, O]
    let longer = shorter.transposedConv1d(weight: kernel, stride: 2)  // [B, 99, I]
    let taps = Tensor.normal([64, 31, 1], using: &stream)  // 31 for each channel
    let smoothed = frames.conv1d(weight: taps, padding: .same(kernel: 31), groups: 64)  // [B, T, D]
    let mirrored = frames.padded(.both(8), mode: .reflect)  // [B, 116, D]
    #expect(shorter.shape == [4, 49, 32] && dilated.shape == [4, 100, 32])
    #expect(longer.shape == [4, 99, 64] && smoothed.shape == frames.shape)
    #expect(mirrored.shape == [4, 116, 64])

    let gates = Tensor.normal([128, 64], standardDeviation: 0.1, using: &stream)  // i, f, g, o
    let memory = Tensor.normal([128, 32], standardDeviation: 0.1, using: &stream)  // [4 H, H]
    let shifts = Tensor.zeros([128])
    func run(_ x: Tensor, from state: LSTMState? = nil) -> (outputs: Tensor, state: LSTMState) {
      x.lstm(
        inputWeight: gates, hiddenWeight: memory, inputBias: shifts, hiddenBias: shifts,
        from: state)
    }
    let begun = run(frames[0..., ..<60])  // outputs [B, 60, H]
    let ended = run(frames[0..., 60...], from: begun.state)  // outputs [B, 40, H]
    let outputs = Tensor.concatenated([begun.outputs, ended.outputs], axis: 1)
    #expect(outputs.scalars == run(frames).outputs.scalars)

    let weight = Tensor.normal([16, 64], standardDeviation: 0.1, using: &stream).tracked()
    let loss = frames.linear(weight: weight).gelu().squared().mean()
    let gradient = loss.gradients()[weight]!  // [16, 64]
    #expect(gradient.shape == [16, 64] && loss.scalar > 0)

    if let differences = mixed.differences(from: frames, relative: 1e-3) {
      print(differences)
      // 25287 of 25600 elements of [4, 100, 64] differ, worst at ...
      #expect(differences.description.contains(" of 25600 elements of [4, 100, 64] differ, worst"))
    }
    #expect(mixed.differences(from: frames, relative: 1e-3) != nil)
  }

  /// What the article shows is what is compiled here, line by line.
  @Test func theArticleShowsThisCode() throws {
    try expectCompiled("docs/tensors.md", blocks: 11)
  }
}
