/// The draws of a stream, made many at a time: the same numbers in less time.
struct BufferedStream: RandomNumberGenerator {
  private let stream: RandomStream
  private var words = [UInt64](repeating: 0, count: 512)
  /// The numbers of the draws that `words` holds.
  private var held: Range<Int>
  /// How many draws of the stream were made so far.
  private(set) var drawn: Int

  /// - Parameter count: How many of the stream's next draws to leave out.
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
