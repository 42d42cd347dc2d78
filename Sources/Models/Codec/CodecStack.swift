import Tensor

/// Steps in a row, whose result is computed a stretch after the other, so that what lies between two steps stays in
/// cache and a file may be of any length.
struct CodecStack: Sendable {
  private let steps: [any CodecStep]
  /// Frames of the result of a stretch.
  let stretchLength: Int

  /// Frames at the codec's rate of a stretch: few enough for the cache, and enough that the samples that two
  /// stretches share cost little.
  private static let stretchFrames = 64
  /// A signal without an end.
  private static let endless = 1 << 40

  /// - Parameters:
  ///   - steps: From the input's side, without norms over time.
  ///   - inputs: Frames of the input for one of the codec's.
  ///   - outputs: Frames of the result for one of the codec's.
  init(_ steps: [any CodecStep], inputs: Int, outputs: Int) {
    self.steps = steps
    let middle = 1 << 20 * outputs
    let read = Self.ranges(of: middle..<middle + 1, frames: Self.endless, steps)[0]
    stretchLength = outputs * max(Self.stretchFrames, read.count / inputs + 2)
  }

  /// Frames of the result of a signal of so many frames.
  func count(of frames: Int) -> Int { steps.reduce(frames) { $1.count(of: $0) } }

  /// The frames that a stretch of a signal's result is computed from.
  ///
  /// - Parameter frames: Frames of the signal; nil while its end is not known and far from the stretch.
  func input(of stretch: Range<Int>, frames: Int?) -> Range<Int> {
    Self.ranges(of: stretch, frames: frames ?? Self.endless, steps)[0]
  }

  /// A stretch of the result.
  ///
  /// - Parameters:
  ///   - stretch: Its frames.
  ///   - x: The frames `input(of:frames:)`, `[1, n, I]`.
  ///   - frames: Frames of the signal; nil while its end is not known and far from the stretch.
  ///   - precision: What it computes in.
  /// - Returns: `[1, stretch.count, O]`
  func result(
    _ stretch: Range<Int>, from x: Tensor, frames: Int?, precision: Precision
  ) -> Tensor {
    let ranges = Self.ranges(of: stretch, frames: frames ?? Self.endless, steps)
    var (x, count) = (x, frames ?? Self.endless)
    for (step, range) in zip(steps, ranges.dropFirst()) {
      x = step.result(range, from: x, frames: count, precision: precision)
      count = step.count(of: count)
    }
    return x
  }

  /// What each step reads for a stretch of the last one's result, and the stretch.
  private static func ranges(
    of stretch: Range<Int>, frames: Int, _ steps: [any CodecStep]
  ) -> [Range<Int>] {
    var counts = [frames]
    for step in steps { counts.append(step.count(of: counts.last!)) }
    var ranges = [stretch]
    for (step, count) in zip(steps, counts).reversed() {
      ranges.append(step.input(of: ranges.last!, frames: count))
    }
    return ranges.reversed()
  }
}

/// A stack over a signal that comes piece by piece. The bits of its result depend neither on the pieces nor on the
/// number of threads: stretches and groups of them begin at fixed frames, and a stretch is computed by one thread.
struct CodecStackStream: Sendable {
  private let stack: CodecStack
  private let precision: Precision
  private var signal = FrameQueue()
  /// The next stretch.
  private var next = 0

  /// Stretches that are computed at once, on several cores.
  private static let group = 16

  init(_ stack: CodecStack, precision: Precision) {
    (self.stack, self.precision) = (stack, precision)
  }

  /// Takes the next frames of the signal, `[n, I]`.
  ///
  /// - Returns: The groups of the result that they complete, each `[1, m, O]`.
  mutating func append(_ frames: Tensor) -> [Tensor] {
    signal.append(frames)
    var groups: [Tensor] = []
    while isReady(upTo: next + Self.group) {
      groups.append(stretches(next..<next + Self.group, last: nil))
    }
    let following = next * stack.stretchLength
    signal.drop(before: stack.input(of: following..<following + 1, frames: nil).lowerBound)
    return groups
  }

  /// Ends the signal.
  ///
  /// - Returns: The rest of the result, in groups.
  mutating func finish() -> [Tensor] {
    guard signal.end > 0 else { return [] }
    // A last stretch is at least as long as others, and less than twice as long.
    let count = max(1, stack.count(of: signal.end) / stack.stretchLength)
    return stride(from: next, to: count, by: Self.group).map { first in
      stretches(first..<min(first + Self.group, count), last: count - 1)
    }
  }

  /// Whether all that the stretches before `stretch` read is there, and one more that follows them.
  private func isReady(upTo stretch: Int) -> Bool {
    let length = stack.stretchLength
    let needed = stack.input(of: 0..<(stretch + 1) * length, frames: nil).upperBound
    return signal.end >= needed && stack.count(of: signal.end) > (stretch + 1) * length
  }

  /// - Parameter last: The number of the signal's last stretch; nil while there are many more.
  private mutating func stretches(_ numbers: Range<Int>, last: Int?) -> Tensor {
    let frames = last.map { _ in signal.end }
    let total = stack.count(of: signal.end)
    let ranges = numbers.map { number in
      let start = number * stack.stretchLength
      return start..<(number == last ? total : start + stack.stretchLength)
    }
    let inputs = ranges.map { signal.frames(stack.input(of: $0, frames: frames)) }
    var results = [Tensor?](repeating: nil, count: ranges.count)
    results.withUnsafeMutableBufferPointer { [stack, precision] results in
      Cores.forEach(ranges.count) { item in
        // The last one first, which may be longer than the others.
        let i = ranges.count - 1 - item
        results[i] = stack.result(ranges[i], from: inputs[i], frames: frames, precision: precision)
      }
    }
    next = numbers.upperBound
    return results.count == 1 ? results[0]! : .concatenated(results.compactMap(\.self), axis: 1)
  }
}
