import Audio
import CHDF5
import HDF5
import Pretrain
import Tensor

extension FuzzTarget {
  /// Label stores written by HDF5 itself, with odd attributes, tables and numbers.
  static let oddStore = FuzzTarget("odd-store", file: "input.h5") { _ in
    { path, stream in
      let store = OddStore(at: path, using: &stream)
      defer { store.close() }
      let books = stream.one(of: [1, 1, 2, 8])
      store.attribute("format", .text("etude labels"), using: &stream)
      store.attribute("teacher", .text(stream.oddText()), using: &stream)
      let sizes = (0..<books).map { _ in stream.once(in: 30) ? stream.oddInteger() : 500 }
      store.attribute("codebook_sizes", .numbers(sizes), using: &stream)
      let frames = addIndex(to: store, using: &stream)
      let codes = (0..<max(1, books * frames)).map { _ in
        stream.once(in: 5000) ? stream.oddInteger() : Int.random(in: 0..<500, using: &stream)
      }
      store.table(
        "codes", .numbers(codes), sides: [books, frames], stored: chdf5_stored_uint16(),
        using: &stream)
    }
  } read: { path in
    let store = try LabelStore(at: path)
    for file in store.files {
      _ = try store.codes(of: file.name)
      try store.check(file.name, frames: file.frames, audioHash: file.audioHash)
    }
  }

  /// Feature stores written by HDF5 itself, with odd attributes, tables and numbers.
  static let oddFeatures = FuzzTarget("odd-features", file: "input.h5") { _ in
    { path, stream in
      let store = OddStore(at: path, using: &stream)
      defer { store.close() }
      store.attribute("format", .text("etude features"), using: &stream)
      store.attribute("kind", .text(stream.one(of: ["chroma12", "mfcc39", "x"])), using: &stream)
      let frames = addIndex(to: store, using: &stream)
      let values = (0..<max(1, 12 * frames)).map { number in
        stream.once(in: 20_000) ? Float(stream.oddNumber()) : Float(number)
      }
      store.table(
        "features", .reals(values), sides: [frames, 12], stored: chdf5_stored_float(),
        using: &stream)
    }
  } read: { path in
    let store = try FeatureStore(at: path)
    for file in store.files { _ = try store.features(of: file.name) }
  }

  /// The attributes and tables that both kinds of store have.
  /// - Returns: How many frames there are.
  @Sendable private static func addIndex(
    to store: OddStore, using stream: inout RandomStream
  ) -> Int {
    store.attribute("version", .numbers([1]), using: &stream)
    store.attribute("sample_rate", .numbers([24_000]), using: &stream)
    store.attribute("hop", .numbers([320]), using: &stream)
    store.attribute("creator", .text("fuzz"), using: &stream)
    let count = stream.one(of: [1, 2, 5, 50])
    let names = (0..<count).map { number in
      Array((stream.once(in: 40) ? stream.oddText() : "\(number).wav").utf8)
    }
    var (frames, letters): ([Int], [Int]) = ([], [])
    for name in names {
      frames.append((frames.last ?? 0) + Int.random(in: 1..<9, using: &stream))
      letters.append((letters.last ?? 0) + name.count)
    }
    var files = frames + letters + frames.map { $0 * 320 } + (0..<count).map { $0 &* 7919 }
    if stream.once(in: 6) { files[stream.one(of: Array(files.indices))] = stream.oddInteger() }
    store.table(
      "files", .numbers(files), sides: [4, count], stored: chdf5_stored_int64(), using: &stream)
    store.table(
      "names", .numbers(names.flatMap { $0 }.map(Int.init)), sides: [1, letters.last!],
      stored: chdf5_stored_uint8(), using: &stream)
    return frames.last!
  }
}
