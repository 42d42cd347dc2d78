/// Counts the memory that the values of a file's pickles take. A few bytes of a pickle can ask for many values, so the
/// size of the file is no bound.
///
/// Each amount is what one thing takes at most, with the room that arrays and dictionaries keep to grow.
struct PickleMemory {
  /// A value: in the stack, and in the list or tuple that it goes to.
  static let value = 4 * MemoryLayout<PickleValue>.stride
  /// A list, tuple, dictionary or object without what is in it: its place in the graph, and the heads of
  /// an array and a dictionary.
  static let node = 3 * MemoryLayout<PickleGraph.Node>.stride + 128
  /// An entry of a dictionary or of the memo, beside its value.
  static let entry = 6 * MemoryLayout<PickleValue>.stride
  /// A tensor or its storage, with shape and strides.
  static let tensor = 512

  /// A checkpoint with a dictionary of 200,000 words takes 100 MB.
  private static let limit = 160 << 20
  private var taken = 0

  /// Counts so many bytes more.
  mutating func take(_ bytes: Int) throws(TorchProblem) {
    guard bytes <= Self.limit - taken else {
      throw TorchProblem(
        text: "its pickle builds values of more than \(Self.limit >> 20) MiB, which no checkpoint "
          + "has; get a fresh copy")
    }
    taken += bytes
  }
}
