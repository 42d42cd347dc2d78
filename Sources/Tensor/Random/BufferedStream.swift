/// The draws of a random stream, computed in batches. The numbers are the same and take less time.
struct BufferedStream: RandomNumberGenerator {
  private let stream: RandomStream
  private var words = [UInt64](repeating: 0, count: 512)
  /// The indices of the draws in `words`.
  private var held: Range<Int>
  /// The number of draws made so far, counted from the start of the stream.
  private(set) var drawn: Int

  /// - Parameter count: The number of draws to skip.
  init(_ stream: RandomStream, skipping count: Int = 0) {
    self.stream = stream
    drawn = stream.drawn + count
    held = drawn..<drawn
  }

  mutating func next() -> UInt64 {
    if drawn == held.upperBound { refill() }
    defer { drawn += 1 }
    return words[drawn - held.lowerBound]
  }

  private mutating func refill() {
    let first = drawn - drawn % 2
    words.withUnsafeMutableBufferPointer { stream.draws(from: first, into: $0) }
    held = first..<first + words.count
  }
}
