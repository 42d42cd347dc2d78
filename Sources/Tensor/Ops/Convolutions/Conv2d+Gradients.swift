import Kernels

extension PlaneConvolution {
  /// Each row over time of the gradient is the sum over the taps that read it, in float32.
  func inputGradient(_ dy: Tensor) -> Tensor {
    let (from, rows) = (dy.reals, shape[1])
    let line = shape[2] * shape[3]
    return .filled(shape, dtype: dy.dtype) { dx in
      Cores.forEach(batch * rows) { item in
        let sums = Tensor.zeros([line])
        for k in 0..<time.kernel {
          guard let t = time.frame(reading: item % rows, tap: k, of: rows) else { continue }
          let first = (item / rows * places + t * bands) * outputs
          addSlices(of: k, from: from + first, to: sums.mutableReals.float32)
        }
        let place = dx + item * line
        place.place(0, buffer: sums.mutableReals.float32).update(from: sums.floats, count: line)
        place.store(0, line, buffer: sums.floats)
      }
    }
  }

  /// Adds what one row of `dy`, through one tap over time, gives to the row that the tap reads.
  private func addSlices(of tap: Int, from dy: Reals, to sums: UnsafeMutablePointer<Float>) {
    let slices = Tensor(uninitialized: [min(block, bands), slice])
    for first in Swift.stride(from: 0, to: bands, by: block) {
      let count = min(block, bands - first)
      Products.serial(
        count, slice, outputs, MatrixView(dy + first * outputs, stride: outputs),
        MatrixView(weight.reals + tap * slice, stride: window),
        into: MatrixTarget(slices.mutableReals, stride: slice))
      for i in 0..<count {
        let band = frequency.start(of: first + i)
        forEachRun(frequency.taps(from: band, within: 0..<shape[2]), at: band) { k, element, run in
          etude_accumulate(
            sums + element * inputs, slices.floats + i * slice + k * inputs, 1, run * inputs)
        }
      }
    }
  }

  /// The sums that are added at the end. Each is of a contiguous part of all blocks.
  private static let parts = 16

  /// Sums of parts of all blocks, each in order in float32, which are then added in order.
  func weightGradient(_ dy: Tensor, of x: Tensor) -> Tensor {
    let (source, from, count) = (x.reals, dy.reals, batch * blocks)
    let parts = max(1, min(Self.parts, count))
    let sums = Tensor.filled([parts, outputs * window]) { sums in
      Cores.forEach(parts) { part in
        let place = sums + part * outputs * window
        place.update(repeating: 0, count: outputs * window)
        for item in count * part / parts..<count * (part + 1) / parts {
          let (b, range) = (item / blocks, places(ofBlock: item % blocks))
          let copied = copiedWindows(range, of: b, from: source)
          Products.serial(
            outputs, window, range.count,
            MatrixView(
              from + (b * places + range.lowerBound) * outputs, stride: outputs, transposed: true),
            MatrixView(copied.reals, stride: window), into: place, stride: window, keep: 1)
          withExtendedLifetime(copied) {}
        }
      }
    }
    return sums.sum(axis: 0).reshaped(weight.shape)
  }
}
