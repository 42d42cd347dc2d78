import Tensor

extension Tensor {
  /// Writes one result of shape `inner` for each row of `[B, samples]`, with rows cut over the
  /// cores: `[B] + inner`, untracked. `write` may run on several threads at once.
  func mappingRows(
    to inner: [Int],
    _ write: (_ row: Int, UnsafeBufferPointer<Float>, UnsafeMutableBufferPointer<Float>) -> Void
  ) -> Tensor {
    let (rows, length) = (shape[0], shape[1])
    let size = inner.reduce(1, *)
    return Tensor(shape: Shape([rows] + inner)) { (output: UnsafeMutableBufferPointer<Float>) in
      guard !output.isEmpty else { return }
      read { samples in
        Cores.forEach(rows) { row in
          write(
            row, UnsafeBufferPointer(rebasing: samples[row * length..<(row + 1) * length]),
            UnsafeMutableBufferPointer(rebasing: output[row * size..<(row + 1) * size]))
        }
      }
    }
  }

  func mappingRows(
    to inner: [Int],
    _ write: (UnsafeBufferPointer<Float>, UnsafeMutableBufferPointer<Float>) -> Void
  ) -> Tensor {
    mappingRows(to: inner) { _, samples, output in write(samples, output) }
  }
}
