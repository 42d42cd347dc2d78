import Tensor

/// Where an LSTM's sequence ended. Stands here until the operation does.
public struct LSTMState: Sendable {
  var hidden: Tensor
  var cell: Tensor
}

extension Tensor {
  /// An LSTM as a composition of operations, `[B, T, I] -> [B, T, H]`.
  func lstm(
    inputWeight: Tensor, hiddenWeight: Tensor, inputBias: Tensor, hiddenBias: Tensor,
    from state: LSTMState? = nil
  ) -> (outputs: Tensor, state: LSTMState) {
    let (batch, width) = (shape[0], hiddenWeight.shape[1])
    var state = state ?? LSTMState(hidden: .zeros([batch, width]), cell: .zeros([batch, width]))
    let gates = linear(weight: inputWeight, bias: inputBias)
    let outputs = (0..<shape[1]).map { t in
      let now =
        gates.sliced(axis: 1, t..<t + 1).removingAxis(1)
        + state.hidden.linear(weight: hiddenWeight, bias: hiddenBias)
      let parts = (0..<4).map { now.sliced(axis: 1, $0 * width..<($0 + 1) * width) }
      state.cell = parts[1].sigmoid() * state.cell + parts[0].sigmoid() * parts[2].tanh()
      state.hidden = parts[3].sigmoid() * state.cell.tanh()
      return state.hidden
    }
    return (.stacked(outputs, axis: 1), state)
  }
}
