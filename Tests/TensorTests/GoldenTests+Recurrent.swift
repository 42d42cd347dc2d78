import Tensor

extension GoldenTests {
  /// `Tests/Golden/recurrent.py`
  static let recurrent: [String: Op] = [
    "lstm": { x in
      x[0].lstm(inputWeight: x[1], hiddenWeight: x[2], inputBias: x[3], hiddenBias: x[4]).outputs
    },
    "lstmFromState": { x in
      x[0].lstm(
        inputWeight: x[1], hiddenWeight: x[2], inputBias: x[3], hiddenBias: x[4],
        from: LSTMState(hidden: x[5], cell: x[6])
      ).outputs
    },
    "lstmWide": { x in
      x[0].lstm(inputWeight: x[1], hiddenWeight: x[2], inputBias: x[3], hiddenBias: x[4]).outputs
    },
  ]
}
