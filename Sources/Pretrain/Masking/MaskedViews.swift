import Tensor

/// Several views of each crop of a batch, each without its masked frames, which are to be predicted.
public struct MaskedViews: Sendable {
  /// The frames to predict: a row for each view; those of a crop follow each other, and all have equally many.
  public let masked: MaskedFrames
  /// Views of each crop, `M`.
  public let each: Int
  /// What stands in the places of the masked frames when they are predicted, `[masked.count, D]`.
  public let filling: Tensor

  /// - Parameters:
  ///   - masked: The frames to predict, a row for each view.
  ///   - each: Views of each crop.
  ///   - filling: What stands in their places, `[masked.count, D]`.
  /// - Traps when: the views are not `each` for every crop, rows differ in how many frames are masked, or there is not one
  ///   filling for each.
  public init(_ masked: MaskedFrames, each: Int, filling: Tensor) {
    precondition(
      each >= 1 && masked.rows % each == 0,
      "MaskedViews: \(masked.rows) views are not \(each) of each crop")
    precondition(
      Set(masked.indices.map(\.count)).count <= 1,
      "MaskedViews: views mask different numbers of frames: \(masked.indices.map(\.count))")
    precondition(
      filling.rank == 2 && filling.shape[0] == masked.count,
      "MaskedViews: a filling \(filling.shape) for \(masked.count) masked frames")
    (self.masked, self.each, self.filling) = (masked, each, filling)
  }

  /// The frames that each view keeps, ascending.
  public var kept: [[Int]] {
    masked.indices.map { masked in
      let hidden = Set(masked)
      return (0..<self.masked.frames).filter { !hidden.contains($0) }
    }
  }

  /// The frames to predict as rows of the crops' `[B·T, D]`, view by view.
  public var crops: [Int] {
    masked.indices.enumerated().flatMap { view, masked in
      masked.map { view / each * self.masked.frames + $0 }
    }
  }
}

extension MaskedViews {
  /// Draws from N(0, 0.01²) in the places of the masked frames.
  ///
  /// - Parameters:
  ///   - masked: The frames to predict, a row for each view.
  ///   - each: Views of each crop.
  ///   - width: Channels of a frame, `D`.
  ///   - seed: The seed of the run.
  ///   - step: The training step.
  ///   - samples: The global sample number of each crop.
  init(
    _ masked: MaskedFrames, each: Int, width: Int, seed: UInt64, step: Int, samples: [Int]
  ) {
    let count = masked.count / max(1, samples.count)
    let fillings = Cores.map(samples.count) { row in
      var stream = RandomStream(seed: seed, purpose: .filling, step: step, sample: samples[row])
      return Tensor.normal([count, width], standardDeviation: 0.01, using: &stream)
    }
    self.init(masked, each: each, filling: .concatenated(fillings, axis: 0))
  }
}
