import Tensor

/// An encoder whose layers take any choice of a waveform's frames: none of them mixes neighbours by their distance.
public protocol FrameDroppingEncoder: Encoder {
  /// Adds positions, leaves frames out and runs the layers: those that are left cost what they cost, and the others
  /// nothing.
  ///
  /// Frames that are left out are zeros to the positions.
  ///
  /// - Parameters:
  ///   - frames: `[B, T, D]`
  ///   - kept: For each view of a row the frames that it keeps, ascending. The views of a row follow each other, every row
  ///     has equally many and they keep equally many frames.
  ///   - pass: The pass of the views, see `ForwardPass.repeated(_:)`.
  /// - Returns: The last hidden state of each view, `[views, kept, D]`.
  /// - Traps when: the views do not fit the rows, or keep different numbers of frames or frames that are none.
  func contextualise(_ frames: Tensor, keeping kept: [[Int]], in pass: ForwardPass) -> Tensor
}

extension AudioEncoder: FrameDroppingEncoder {
  /// Adds positions, leaves frames out and runs the layers.
  ///
  /// - Parameters:
  ///   - frames: `[B, T, D]`
  ///   - kept: For each view of a row the frames that it keeps, ascending.
  ///   - pass: The pass of the views.
  /// - Returns: The last hidden state of each view, `[views, kept, D]`.
  ///
  /// - Traps when: the encoder has no positional convolution.
  ///
  /// Source: Baevski et al. 2023 (data2vec 2.0), 3.1; fairseq `ModalitySpecificEncoder`, without its ALiBi bias.
  public func contextualise(
    _ frames: Tensor, keeping kept: [[Int]], in pass: ForwardPass
  ) -> Tensor {
    let choice = FrameChoice(kept, of: frames.shape)
    let (time, width) = (frames.shape[1], frames.shape[2])
    let count = kept.count * time
    let x = frames.reshaped([frames.shape[0] * time, width]).gatheringRows(choice.rows)
    let whole = x.placingRows(at: choice.places, of: count).reshaped([kept.count, time, width])
    guard let position else {
      preconditionFailure("contextualise: rotary positions do not show which frames are left out")
    }
    let positions = position(whole).reshaped([count, width]).gatheringRows(choice.places)
    return transformer((x + positions).reshaped([kept.count, kept[0].count, width]), in: pass)
  }
}

/// The frames that views of rows keep.
private struct FrameChoice {
  /// As rows of `[B · T, D]`, view by view.
  let rows: [Int]
  /// As rows of `[views · T, D]`.
  let places: [Int]

  init(_ kept: [[Int]], of frames: Shape) {
    let (batch, time) = (frames[0], frames[1])
    precondition(
      !kept.isEmpty && kept.count % batch == 0,
      "contextualise: \(kept.count) views are not equally many of \(batch) rows")
    precondition(
      Set(kept.map(\.count)).count == 1 && !kept[0].isEmpty,
      "contextualise: views keep \(kept.map(\.count)) frames, not equally many")
    precondition(
      kept.allSatisfy { $0.allSatisfy((0..<time).contains) },
      "contextualise: a kept frame is none of \(time)")
    let each = kept.count / batch
    rows = kept.enumerated().flatMap { view, kept in kept.map { view / each * time + $0 } }
    places = kept.enumerated().flatMap { view, kept in kept.map { view * time + $0 } }
  }
}
