/// The state of an LSTM between two frames.
public struct LSTMState: Sendable {
  /// The output at the last frame, `[B, H]`.
  public let hidden: Tensor
  /// The content of the cells after the last frame, `[B, H]`.
  public let cell: Tensor

  /// - Parameters:
  ///   - hidden: `[B, H]`
  ///   - cell: `[B, H]`
  public init(hidden: Tensor, cell: Tensor) { (self.hidden, self.cell) = (hidden, cell) }
}

extension Tensor {
  /// A layer of long short-term memory over time: `[B, T, I] -> [B, T, H]`. At frame `t`
  ///
  /// - the gates are `i, f, g, o = σ, σ, tanh, σ` of the four parts of
  ///   `W x[t] + b + W' h[t - 1] + b'`,
  /// - the cells hold `c[t] = f ⊙ c[t - 1] + i ⊙ g`,
  /// - the output is `h[t] = o ⊙ tanh c[t]`.
  ///
  /// Products are of the type of the input, as in `linear`; sums, gates and cells are float32. The
  /// bits do not depend on the number of threads. A signal that is cut, where each part begins with
  /// the state that the part before it returned, gives the bits of the whole signal.
  /// - Parameters:
  ///   - inputWeight: `W`, `[4 H, I]`, for the gates in the order i, f, g, o.
  ///   - hiddenWeight: `W'`, `[4 H, H]`
  ///   - inputBias: `b`, `[4 H]`
  ///   - hiddenBias: `b'`, `[4 H]`
  ///   - state: `h` and `c` before the first frame; nil means zeros.
  /// - Returns: The outputs, and the state after the last frame. The state is untracked: no gradient
  ///   flows from one part of a cut signal to the part before it.
  /// - Gradient: of the outputs through all frames, to `x`, weights, biases and `state`. Keeps `x`,
  ///   the outputs, and `5 H` float32 numbers a frame: the gates and the cells.
  /// - Traps when: the shapes do not fit.
  /// - Source: Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000; the layout
  ///   is that of PyTorch's `LSTM`.
  public func lstm(
    inputWeight: Tensor, hiddenWeight: Tensor, inputBias: Tensor, hiddenBias: Tensor,
    from state: LSTMState? = nil
  ) -> (outputs: Tensor, state: LSTMState) {
    checkLSTM(inputWeight, hiddenWeight, inputBias, hiddenBias, state)
    let rest = Shape([shape[0], hiddenWeight.shape[1]])
    let start = state ?? LSTMState(hidden: .zeros(rest), cell: .zeros(rest))
    let run = LSTMRun(
      over: detached(), inputWeight: inputWeight.detached(), hiddenWeight: hiddenWeight.detached(),
      bias: inputBias.operand(as: .float32) + hiddenBias.operand(as: .float32),
      from: LSTMState(hidden: start.hidden.detached(), cell: start.cell.detached()))
    let input = kept()
    let joint = JointPullback(run.gradients)
    let outputs = run.outputs.derived(
      from: edge { joint($0).ofInput(by: inputWeight.detached()) },
      inputWeight.edge { joint($0).ofWeight(meeting: input()) },
      hiddenWeight.edge { joint($0).ofWeight(meeting: run.outputsBefore()) },
      inputBias.edge { joint($0).gates.sum(axis: 0) },
      hiddenBias.edge { joint($0).gates.sum(axis: 0) },
      start.hidden.edge { joint($0).hidden }, start.cell.edge { joint($0).cell })
    return (outputs, run.last)
  }

  private func checkLSTM(
    _ inputWeight: Tensor, _ hiddenWeight: Tensor, _ inputBias: Tensor, _ hiddenBias: Tensor,
    _ state: LSTMState?
  ) {
    let width = hiddenWeight.shape.last ?? 0
    precondition(
      hiddenWeight.shape == [4 * width, width],
      "lstm: hidden weight \(hiddenWeight.shape) is not [4 H, H]")
    precondition(
      rank == 3 && inputWeight.shape == [4 * width, shape[2]],
      "lstm: input \(shape) and hidden weight \(hiddenWeight.shape) do not fit weight "
        + "\(inputWeight.shape)")
    precondition(
      inputBias.shape == [4 * width] && hiddenBias.shape == inputBias.shape,
      "lstm: biases \(inputBias.shape) and \(hiddenBias.shape) do not fit weight "
        + "\(inputWeight.shape)")
    guard let state else { return }
    precondition(
      state.hidden.shape == [shape[0], width] && state.cell.shape == state.hidden.shape,
      "lstm: a state of \(state.hidden.shape) and \(state.cell.shape) does not fit input \(shape) "
        + "and hidden weight \(hiddenWeight.shape)")
  }
}

/// What a backward pass through all frames gives, from which the gradient of each operand follows.
struct LSTMGradients {
  /// Of the sums before the gates, `[B T, 4 H]`, float32.
  let gates: Tensor
  /// Of the state before the first frame, `[B, H]` each, float32.
  let hidden: Tensor
  let cell: Tensor
  /// The shape of the input.
  let shape: Shape
  /// The type of the input, in which products are computed.
  let dtype: DType

  /// `dx = dgates W`
  func ofInput(by weight: Tensor) -> Tensor {
    product(gates.shape[0], weight.shape[1], gates.shape[1], false, weight, into: dtype)
      .reshaped(shape)
  }

  /// `dW = dgatesᵀ x`, float32.
  func ofWeight(meeting x: Tensor) -> Tensor {
    product(gates.shape[1], x.shape[2], gates.shape[0], true, x, into: .float32)
  }

  /// The rows of a product that are computed at once. They do not depend on the number of threads.
  private static let block = 128

  /// `op(dgates) B` `[m, n]`, where `op` transposes if `transposed` is true.
  private func product(
    _ m: Int, _ n: Int, _ k: Int, _ transposed: Bool, _ right: Tensor, into result: DType
  ) -> Tensor {
    let (left, right) = (gates.converted(to: dtype), right.operand(as: dtype))
    defer { withExtendedLifetime((left, right)) {} }
    let a = MatrixView(left.reals, stride: gates.shape[1], transposed: transposed)
    let b = MatrixView(right.reals, stride: n)
    return .filled([m, n], dtype: result) { y in
      Cores.forEachBlock(of: m, size: Self.block) { rows in
        Products.serial(
          rows.count, n, k, a.advanced(rows: rows.lowerBound), b,
          into: MatrixTarget(y + rows.lowerBound * n, stride: n))
      }
    }
  }
}
