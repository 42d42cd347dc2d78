import Tensor
import TestSupport
import Testing

@Suite struct LSTMTests {
  private struct Operands {
    let inputWeight: Tensor
    let hiddenWeight: Tensor
    let bias: Tensor

    init(from inputs: Int, to width: Int) {
      inputWeight = .normal([4 * width, inputs], seed: 1)
      hiddenWeight = .normal([4 * width, width], seed: 2) / Float(width).squareRoot()
      bias = .normal([4 * width], seed: 3)
    }

    func callAsFunction(
      _ x: Tensor, from state: LSTMState? = nil
    ) -> (outputs: Tensor, state: LSTMState) {
      x.lstm(
        inputWeight: inputWeight, hiddenWeight: hiddenWeight, inputBias: bias, hiddenBias: bias,
        from: state)
    }
  }

  /// One unit by hand: with all weights 0 and a bias of 0 the gates are ½, ½, 0, ½, so that the cell is
  /// halved with every frame.
  @Test func halvesItsCells() {
    let zeros = Tensor.zeros([4, 1])
    let y = Tensor.ones([1, 3, 1]).lstm(
      inputWeight: zeros, hiddenWeight: zeros, inputBias: .zeros([4]), hiddenBias: .zeros([4]),
      from: LSTMState(hidden: .zeros([1, 1]), cell: Tensor([8], shape: [1, 1])))
    #expect(y.state.cell.scalars == [1])
    expectClose(y.outputs, Tensor([4, 2, 1], shape: [1, 3, 1]).tanh() * 0.5, relative: 1e-6)
    #expect(y.state.hidden.scalars == [y.outputs.scalars[2]])
  }

  /// Parts of every length, one of none and one of more than a block of frames among them.
  @Test(arguments: [1, 3], [DType.float32, .bfloat16])
  func partsGiveTheBitsOfTheWhole(batch: Int, dtype: DType) {
    for (inputs, width) in [(13, 37), (16, 40)] {
      let lstm = Operands(from: inputs, to: width)
      let x = Tensor.normal([batch, 300, inputs], seed: 4).cast(to: dtype)
      let whole = lstm(x)
      var (state, first) = (LSTMState?.none, 0)
      var parts: [Tensor] = []
      for length in [1, 0, 2, 5, 131, 161] {
        let part = lstm(x[0..., first..<first + length], from: state)
        (state, first) = (part.state, first + length)
        parts.append(part.outputs)
      }
      #expect(Tensor.concatenated(parts, axis: 1).scalars == whole.outputs.scalars)
      #expect(state?.cell.scalars == whole.state.cell.scalars)
      #expect(state?.hidden.scalars == whole.state.hidden.scalars)
    }
  }

  /// With odd widths, and with even ones, which some CPUs multiply in pairs of bfloat16.
  @Test(arguments: [(13, 37), (16, 40)])
  func bfloat16IsNearFloat32(inputs: Int, width: Int) {
    let lstm = Operands(from: inputs, to: width)
    let x = Tensor.normal([3, 20, inputs], seed: 4).cast(to: .bfloat16)
    let y = lstm(x)
    #expect(y.outputs.dtype == .bfloat16 && y.state.cell.dtype == .float32)
    expectClose(
      y.outputs.cast(to: .float32), lstm(x.cast(to: .float32)).outputs, relative: 0.02)
  }

  /// The copies of the weights in panels are dropped when the weights change.
  @Test func readsChangedWeights() {
    let x = Tensor.normal([2, 5, 3], seed: 4)
    let lstm = Operands(from: 3, to: 4)
    var weight = lstm.hiddenWeight * 1
    func y() -> Tensor {
      x.lstm(
        inputWeight: lstm.inputWeight, hiddenWeight: weight, inputBias: lstm.bias,
        hiddenBias: lstm.bias
      ).outputs
    }
    let before = y().scalars
    weight.update { $0[5] += 1 }
    #expect(y().scalars != before)
    weight.update { $0[5] -= 1 }
    expectClose(y(), Tensor(before, shape: [2, 5, 4]), relative: 1e-6)
  }

  @Test func keepsWhatItsDocumentationStates() async {
    await #expect(processExitsWith: .success) {
      let lstm = Operands(from: 64, to: 64)
      let x = Tensor.normal([2, 1000, 64], seed: 4).tracked()
      _ = lstm(x[0..., ..<2])
      let before = MemoryStatistics.current.inUse
      let y = lstm(x).outputs
      let kept = Double(MemoryStatistics.current.inUse - before) / (2 * 1000 * 64 * 4)
      #expect(y.isTracked && kept > 5.9 && kept < 6.1, "\(kept)")
    }
  }
}
