import Tensor

/// How a file that is longer than a window is encoded, see `stackedHiddenStates`.
public struct EncoderWindows: Sendable {
  /// The longest that a window may be, seconds. Memory grows in proportion.
  public var seconds: Double
  /// What two neighbours share at least, seconds.
  public var overlapSeconds: Double
  /// Windows that are encoded at once.
  public var batchSize: Int

  /// - Traps when: `batchSize` is below 1.
  public init(seconds: Double = 30, overlapSeconds: Double = 2, batchSize: Int = 1) {
    precondition(batchSize >= 1, "EncoderWindows: needs at least one at once, got \(batchSize)")
    (self.seconds, self.overlapSeconds) = (seconds, overlapSeconds)
    self.batchSize = batchSize
  }
}

/// A stretch of a file that is encoded by itself.
struct WindowCut: Equatable {
  var samples: Range<Int>
  /// The file's frame that is its first.
  var firstFrame: Int
  /// Those of the file's frames that are taken from it.
  var frames: Range<Int>
}

extension EncoderConfiguration {
  /// The windows of a file.
  func cuts(
    samples: Int, _ windows: EncoderWindows
  ) throws(ModelError) -> [WindowCut] {
    let needed = receptiveField
    guard samples >= needed else {
      throw .waveform(
        "\(samples) samples are too few for one frame of this model; it takes \(needed)")
    }
    let limit = windows.seconds * Double(sampleRate)
    guard limit >= Double(needed) else {
      throw .waveform("a window of \(windows.seconds) s is too short for one frame of this model")
    }
    let total = frameCount(samples: samples)
    if Double(samples) <= limit {
      return [WindowCut(samples: 0..<samples, firstFrame: 0, frames: 0..<total)]
    }
    let longest = min(total, frameCount(samples: Int(limit)))
    let overlap = (windows.overlapSeconds * frameRate).rounded(.up)
    guard overlap >= 0, overlap < Double(longest) else {
      throw .waveform(
        "windows of \(windows.seconds) s cannot overlap by \(windows.overlapSeconds) s")
    }
    let shared = Int(overlap)
    let count = max(1, (total - shared).dividedRoundingUp(by: longest - shared))
    let length = (total + (count - 1) * shared).dividedRoundingUp(by: count)
    return cuts(total: total, length: length, every: length - shared, count: count)
  }

  private func cuts(total: Int, length: Int, every step: Int, count: Int) -> [WindowCut] {
    let firsts = (0..<count).map { min($0 * step, total - length) }
    // Where two windows overlap they meet in the middle.
    let seams = (1..<max(1, count)).map { (firsts[$0] + firsts[$0 - 1] + length) / 2 }
    return zip(firsts, zip([0] + seams, seams + [total])).map { first, ends in
      let start = first * stride
      return WindowCut(
        samples: start..<start + sampleCount(frames: length), firstFrame: first,
        frames: ends.0..<ends.1)
    }
  }
}

extension Int {
  fileprivate func dividedRoundingUp(by divisor: Int) -> Int { (self + divisor - 1) / divisor }
}
