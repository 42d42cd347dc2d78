import Foundation

/// Uniform numbers in `[0, 1)` from a hash of the index, as in `Golden/pretrain_parts.py`.
func hashNoise(_ count: Int, salt: UInt32) -> [Float] {
  (0..<UInt32(count)).map { index in
    var h = index &+ salt &* 0x9E37_79B9
    h = (h ^ (h >> 16)) &* 0x7FEB_352D
    h = (h ^ (h >> 15)) &* 0x846C_A68B
    h ^= h >> 16
    return Float(h >> 8) / Float(1 << 24)
  }
}

/// What `Golden/pretrain_parts.py` wrote.
struct PartsGolden: Decodable {
  struct Clustering: Decodable {
    let checksum: Double
    let inertias: [Double]
  }
  struct Targets: Decodable {
    let top: Int
    let each: String
    let mean: String
    let values: [Float]
  }
  struct EMA: Decodable {
    let targets: [Targets]
    let followed: [Float]
    let deviation: Float
  }
  let kmeans: [String: Clustering]
  let ema: EMA

  static func load() throws -> PartsGolden {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../Golden/pretrain_parts.json")
    return try JSONDecoder().decode(PartsGolden.self, from: Data(contentsOf: file))
  }
}
