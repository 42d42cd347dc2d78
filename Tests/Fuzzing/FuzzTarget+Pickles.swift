import Tensor

extension FuzzTarget {
  /// Files of PyTorch whose pickles are valid and odd: of shared and repeated values, of tensors that reach
  /// beyond their storages. Both as archives and as rows of pickles.
  static let pickle = FuzzTarget("pickle", file: "input.pt", bytes: pickles, read: readTorch)

  @Sendable private static func pickles(_ stream: inout RandomStream) -> [UInt8] {
    let isDictionary = stream.once(in: 2)
    let pickle =
      isDictionary ? OddPickle(ofTensorsUsing: &stream) : OddPickle(using: &stream)
    if stream.once(in: 3) {
      return rowOfPickles + pickle.bytes + [0x80, 2, 0x5D, 0x2E]
    }
    let storages = OddPickle.storages.enumerated().map { key, storage in
      let count = stream.once(in: 50) ? 63 : 64
      return (name: "x/data/\(key)", content: [UInt8](repeating: 60, count: count * storage.bytes))
    }
    return OddArchive([(name: "x/data.pkl", content: pickle.bytes)] + storages).bytes
  }

  /// What stands before the object in the form of old PyTorch: magic number, version, machine.
  private static let rowOfPickles: [UInt8] =
    [0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E]
    + [0x80, 2, 0x4D, 0xE9, 3, 0x2E]
    + [0x80, 2, 0x7D, 0x58, 13, 0, 0, 0] + Array("little_endian".utf8) + [0x88, 0x73, 0x2E]
}
