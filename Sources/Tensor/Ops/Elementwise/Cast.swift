import Kernels

extension Tensor {
  /// The same numbers in another type: `bfloat16` rounds to the nearest, ties to even.
  ///
  /// - Gradient: `dx = dy`, in the type of `x`.
  /// - Traps when: one of the types is `int32` and the other is not.
  public func cast(to dtype: DType) -> Tensor {
    dtype == self.dtype ? self : converted(to: dtype).derived(from: edge { $0 })
  }

  /// `cast`, untracked.
  func converted(to dtype: DType) -> Tensor {
    if dtype == self.dtype { return detached() }
    precondition(
      dtype != .int32 && self.dtype != .int32, "cast: \(self.dtype) does not become \(dtype)")
    let x = reals
    return .filled(shape, dtype: dtype) { y in
      Cores.parallel(elementCount, grain: elementGrain) { y.copy(x, $0) }
    }
  }

  /// These numbers as an operand of that type, untracked. The copy is cached until the numbers
  /// change, so that a parameter is converted once in a step.
  func operand(as dtype: DType) -> Tensor {
    if dtype == self.dtype || offset != 0 { return converted(to: dtype) }
    if let twin = storage.twin, twin.dtype == dtype, twin.elementCount == elementCount {
      return twin.reshaped(shape)
    }
    let twin = converted(to: dtype)
    storage.twin = twin
    return twin
  }
}

extension MutableReals {
  /// Converts the numbers in `range` of `x`, which has the other type, and writes them here.
  fileprivate func copy(_ x: Reals, _ range: Range<Int>) {
    let start = range.lowerBound
    if dtype == .float32 {
      etude_widen(float32 + start, x.bfloat16 + start, range.count)
    } else {
      etude_narrow(bfloat16 + start, x.float32 + start, range.count)
    }
  }
}
