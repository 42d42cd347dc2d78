import Kernels

/// The mask of a dropout. It is a pure function of these numbers, and is drawn again in the
/// backward pass instead of kept.
public struct DropoutMask: Sendable {
  /// The probability of zeroing an element, in `0..<1`.
  public var probability: Float
  /// The seed of the run.
  public var seed: UInt64
  /// The training step.
  public var step: Int
  /// The number of this dropout within the forward pass.
  public var site: Int
  /// The global number of every sample of the batch, so that a sample has the same mask in any
  /// batch.
  public var samples: [Int]

  /// For a tensor `[N, D]` of single frames, the number of each within its sample, and `samples` names the
  /// sample of each: the frame then has the mask that it has in the whole sample `[T, D]`. Nil if each
  /// entry of the first axis is a whole sample.
  public var frames: [Int]?

  /// The number of elements that are drawn together.
  static let run = 64

  /// - Traps when: the probability is not in `0..<1`, or there is not one frame a sample number.
  public init(
    probability: Float, seed: UInt64, step: Int, site: Int, samples: [Int], frames: [Int]? = nil
  ) {
    precondition(
      probability >= 0 && probability < 1, "dropout: probability \(probability) is not in 0..<1")
    precondition(
      frames.map { $0.count == samples.count } ?? true,
      "dropout: \(frames?.count ?? 0) frames of \(samples.count) samples")
    self.frames = frames
    (self.probability, self.seed, self.step) = (probability, seed, step)
    (self.site, self.samples) = (site, samples)
  }

  /// `y = x ⊙ mask / (1 - p)` for `count` elements of one sample, from element `first` on, which is
  /// a multiple of 64.
  func apply(
    _ y: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, first: Int, count: Int, sample: Int
  ) {
    etude_dropout(
      y, x, first, count, probability, seed, UInt32(truncatingIfNeeded: samples[sample]),
      UInt32(truncatingIfNeeded: step), purpose)
  }

  /// The purpose of the random stream, different for every dropout of a pass.
  var purpose: UInt32 {
    RandomPurpose.dropout.rawValue << 24 | UInt32(truncatingIfNeeded: site)
  }
}

extension DropoutMask {
  /// `apply` for numbers of either type.
  func apply(_ y: MutableReals, _ x: Reals, first: Int, count: Int, sample: Int) {
    if x.dtype == .float32 {
      return apply(y.float32, x.float32, first: first, count: count, sample: sample)
    }
    let chunk = 1024
    withUnsafeTemporaryAllocation(of: Float.self, capacity: chunk) { buffer in
      let buffer = buffer.baseAddress!
      for start in stride(from: 0, to: count, by: chunk) {
        let part = min(chunk, count - start)
        apply(
          buffer, x.floats(start, part, buffer: buffer), first: first + start, count: part,
          sample: sample)
        y.store(start, part, buffer: buffer)
      }
    }
  }
}

extension Tensor {
  /// `y = x ⊙ mask / (1 - p)`, where each element of the mask is 0 with probability `p`, else 1.
  ///
  /// - Gradient: `dx = dy ⊙ mask / (1 - p)`; keeps nothing.
  /// - Traps when: the number of sample numbers of the mask is not the length of the first axis.
  public func dropout(_ mask: DropoutMask) -> Tensor {
    precondition(
      rank >= 1 && shape[0] == mask.samples.count,
      "dropout: \(mask.samples.count) sample numbers do not fit shape \(shape)")
    return dropped(mask).derived(from: edge { $0.dropped(mask) })
  }

  /// `dropout`, untracked.
  func dropped(_ mask: DropoutMask) -> Tensor {
    guard elementCount > 0 else { return detached() }
    if let frames = mask.frames { return dropped(mask, frames: frames) }
    let length = elementCount / shape[0]
    let blocks = (length + DropoutMask.run - 1) / DropoutMask.run
    let x = reals
    return .filled(shape, dtype: dtype) { y in
      Cores.parallel(shape[0] * blocks, grain: elementGrain / DropoutMask.run / 4) { range in
        var block = range.lowerBound
        while block < range.upperBound {
          let sample = block / blocks
          let end = min(range.upperBound, (sample + 1) * blocks)
          let first = (block - sample * blocks) * DropoutMask.run
          let last = min((end - sample * blocks) * DropoutMask.run, length)
          let start = sample * length + first
          mask.apply(y + start, x + start, first: first, count: last - first, sample: sample)
          block = end
        }
      }
    }
  }

  /// `[N, D]`, each row a frame of a sample. A mask is drawn in whole runs, so that of a row begins at the
  /// start of a run, some elements before the row.
  private func dropped(_ mask: DropoutMask, frames: [Int]) -> Tensor {
    let (x, width) = (reals, elementCount / shape[0])
    return .filled(shape, dtype: dtype) { y in
      forEachRow(shape[0], width: width + DropoutMask.run, buffers: 1) { row, room in
        let first = frames[row] * width
        let lead = first % DropoutMask.run
        let place = room[0] + lead
        room[0].update(repeating: 0, count: lead)
        let source = x.floats(row * width, width, buffer: place)
        if source != UnsafePointer(place) { place.update(from: source, count: width) }
        mask.apply(room[0], room[0], first: first - lead, count: lead + width, sample: row)
        if dtype == .float32 { (y.float32 + row * width).update(from: place, count: width) }
        y.store(row * width, width, buffer: place)
      }
    }
  }
}
