/// Counts the memory that the values of a file's pickles take. A few bytes of a pickle can build
/// many values, so the size of the file is no limit.
///
/// Each amount is an upper bound, including the spare capacity of arrays and dictionaries.
struct PickleMemory {
  /// A value: on the stack, and in its list or tuple.
  static let value = 4 * MemoryLayout<PickleValue>.stride
  /// A list, tuple, dictionary or object without its elements: its node in the graph, and the
  /// headers of an array and a dictionary.
  static let node = 3 * MemoryLayout<PickleGraph.Node>.stride + 128
  /// An entry of a dictionary or of the memo, without its value.
  static let entry = 6 * MemoryLayout<PickleValue>.stride
  /// A tensor or its storage, with shape and strides.
  static let tensor = 512

  /// For comparison: a checkpoint with a dictionary of 200,000 words takes 100 MB.
  private static let limit = 160 << 20
  private var taken = 0

  /// Counts `bytes` more.
  mutating func take(_ bytes: Int) throws(TorchProblem) {
    guard bytes <= Self.limit - taken else {
      throw TorchProblem(
        text: "its pickle builds values of more than \(Self.limit >> 20) MiB, which no checkpoint "
          + "has; get a fresh copy")
    }
    taken += bytes
  }
}
