import Foundation
import Models
import Tensor
import Testing

/// Models of other programs, damaged in thousands of ways: each is read or refused in one line.
///
/// `ETUDE_FUZZ=100000 scripts/test --filter DamagedModelTests` feeds so many of each kind.
@Suite struct DamagedModelTests {
  static let count = ProcessInfo.processInfo.environment["ETUDE_FUZZ"].flatMap(Int.init) ?? 500

  @Test(arguments: [
    "fairseq-hubert.pt", "fairseq-mert.pt", "fairseq-data2vec.pt", "fairseq-options.pt",
    "tensors.pt", "legacy.pt", "protocol4.pt",
  ])
  func pickles(name: String) throws {
    let url = golden.appendingPathComponent("pytorch").appendingPathComponent(name)
    let isModel = name.hasPrefix("fairseq")
    try damage(url) { url in
      if isModel {
        let source = try ModelSource(url)
        _ = try source.encoder()
        _ = try source.heads()
      } else {
        let file = try TorchFile(contentsOf: url)
        for name in file.names { _ = try file.tensor(name) }
      }
    }
  }

  @Test(arguments: ["config.json", "preprocessor_config.json", "model.safetensors"])
  func folders(name: String) throws {
    let model = golden.appendingPathComponent("models/data2vec")
    try withTemporaryFolder { folder in
      for name in ["config.json", "preprocessor_config.json", "model.safetensors"] {
        try FileManager.default.copyItem(
          at: model.appendingPathComponent(name), to: folder.appendingPathComponent(name))
      }
      let url = folder.appendingPathComponent(name)
      try damage(url, inPlace: true) { _ in _ = try AudioEncoder.load(folder) }
    }
  }

  @Test func indices() throws {
    let weights = golden.appendingPathComponent("models/hubert-post/model.safetensors")
    let config = golden.appendingPathComponent("models/hubert-post")
    try withTemporaryFolder { folder in
      for name in ["config.json", "preprocessor_config.json"] {
        try FileManager.default.copyItem(
          at: config.appendingPathComponent(name), to: folder.appendingPathComponent(name))
      }
      try FileManager.default.copyItem(
        at: weights, to: folder.appendingPathComponent("part.safetensors"))
      let names = try SafeTensors(contentsOf: weights).names
      let map = Dictionary(uniqueKeysWithValues: names.map { ($0, "part.safetensors") })
      let index = folder.appendingPathComponent("model.safetensors.index.json")
      try JSONEncoder().encode(["weight_map": map]).write(to: index)
      try damage(index, inPlace: true) { _ in _ = try AudioEncoder.load(folder) }
    }
  }

  /// Reads damaged copies of a file.
  /// - Parameter inPlace: Whether they replace the file, which is in a folder of ours then.
  private func damage(_ url: URL, inPlace: Bool = false, read: (URL) throws -> Void) throws {
    let sound = [UInt8](try Data(contentsOf: url))
    var refused = 0
    try withTemporaryFolder { folder in
      let copy = inPlace ? url : folder.appendingPathComponent(url.lastPathComponent)
      for sample in 0..<Self.count {
        var stream = RandomStream(seed: 11, purpose: .corpus, sample: sample)
        try Data(Self.damaged(sound, using: &stream)).write(to: copy)
        do {
          try read(copy)
        } catch let error as ModelError {
          refused += 1
          let text = error.description
          let lines = text.split { $0.isNewline }
          #expect(text.hasPrefix("/") && lines.count == 1, "\(sample): \(text)")
        }
      }
    }
    #expect(refused > Self.count / 10)
  }

  /// One to four changes: a bit, a byte, a number at which lengths break, a piece lost or doubled.
  /// Half of them where texts and lengths stand, at the file's ends.
  private static func damaged(_ sound: [UInt8], using stream: inout RandomStream) -> [UInt8] {
    var bytes = sound
    for _ in 0..<Int.random(in: 1...4, using: &stream) where !bytes.isEmpty {
      let near = Int.random(in: 0..<min(4096, bytes.count), using: &stream)
      let places = [near, bytes.count - 1 - near, Int.random(in: bytes.indices, using: &stream)]
      let place = places.randomElement(using: &stream)!
      let piece = place..<min(bytes.count, place + Int.random(in: 1...16, using: &stream))
      switch Int.random(in: 0..<8, using: &stream) {
      case 0...2: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &stream)
      case 3, 4: bytes[place] = .random(in: 0...255, using: &stream)
      case 5: for i in piece { bytes[i] = Bool.random(using: &stream) ? 0xFF : 0x00 }
      case 6: bytes.removeSubrange(Bool.random(using: &stream) ? piece : place..<bytes.count)
      default: bytes.insert(contentsOf: bytes[piece], at: place)
      }
    }
    return bytes
  }
}
