import Tensor

extension Tensor {
  /// This `[B, T, D]` with some frames of each row replaced by `frame` `[D]`.
  package func replacing(frames: [[Int]], with frame: Tensor) -> Tensor {
    precondition(
      frames.count == shape[0], "mask: \(frames.count) lists of frames for \(shape[0]) rows")
    let rows = frames.enumerated().flatMap { row, times in
      times.map { time in
        precondition((0..<shape[1]).contains(time), "mask: frame \(time) of \(shape[1])")
        return row * shape[1] + time
      }
    }
    guard !rows.isEmpty else { return self }
    return reshaped([shape[0] * shape[1], shape[2]]).replacingRows(at: rows, with: frame)
      .reshaped(shape)
  }

  /// This `[B, T, D]` with zeros in the frames of each row from its length on.
  package func clearing(framesPast lengths: [Int]) -> Tensor {
    precondition(lengths.count == shape[0], "lengths: \(lengths.count) for \(shape[0]) rows")
    precondition(
      lengths.allSatisfy { (0...shape[1]).contains($0) },
      "lengths: \(lengths) of \(shape[1]) frames")
    let padding = lengths.map { Array($0..<shape[1]) }
    return replacing(frames: padding, with: .zeros([shape[2]]))
  }
}
