import Audio
import Foundation
import HDF5
import Pretrain
import Tensor

extension FuzzTarget {
  /// Damaged label stores: the index and all codes.
  static let store = FuzzTarget("store", damaging: labelStores) { path in
    let store = try LabelStore(at: path)
    for file in store.files { _ = try store.codes(of: file.name) }
  }

  /// Damaged feature stores: the index and all features.
  static let features = FuzzTarget("features", damaging: featureStores) { path in
    let store = try FeatureStore(at: path)
    for file in store.files { _ = try store.features(of: file.name) }
  }

  @Sendable private static func labelStores(in folder: URL) throws -> [[UInt8]] {
    try [[500], [1024, 1024, 1024]].map { sizes in
      let path = folder.appendingPathComponent("\(sizes.count).h5").path
      let writer = try LabelStoreWriter(
        at: path,
        description: .init(
          teacher: "fuzz", rate: LabelRate(sampleRate: 24_000, hop: 320), codebookSizes: sizes,
          creator: "fuzz"))
      for file in 0..<3 {
        let codes = (0..<sizes.count * 75).map { Int32(($0 * 7919 + file) % 500) }
        try writer.append(
          "\(file).wav", codes: Tensor(codes, shape: [sizes.count, 75]), samples: 24_000,
          audioHash: UInt64(file))
      }
      try writer.finish()
      return try bytes(of: path)
    }
  }

  /// Narrow features of three files in one chunk, and wide ones in several.
  @Sendable private static func featureStores(in folder: URL) throws -> [[UInt8]] {
    try [(FeatureKind.chroma12, 20), (.cqt336, 70)].map { kind, frames in
      let path = folder.appendingPathComponent("\(kind).h5").path
      let frontEnd = try kind.frontEnd(sampleRate: 24_000)
      let writer = try FeatureStoreWriter(
        at: path, format: FeatureFormat(of: kind, by: frontEnd))
      for file in 0..<3 {
        let values = (0..<frames * frontEnd.width).map { Float(($0 * 7919 + file) % 997) }
        try writer.append(
          "\(file).wav", features: Tensor(values, shape: [frames, frontEnd.width]),
          samples: 320 * frames, audioHash: UInt64(file))
      }
      try writer.finish()
      return try bytes(of: path)
    }
  }
}
