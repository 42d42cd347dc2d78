import Audio
import Foundation
import Tensor

extension FuzzTarget {
  /// Tar files of small sounds, with long names, pax records, odd sizes and types, cut or damaged.
  static let tar = FuzzTarget("tar", file: "input.tar") { folder in
    let sound = folder.appendingPathComponent("sound.wav")
    try AudioFile.write(
      (0..<800).map { Float($0 % 50) / 100 }, sampleRate: 8_000, to: sound.path)
    let content = Array(try Data(contentsOf: sound))
    return { path, stream in
      var bytes = tarFile(of: content, &stream)
      if stream.once(in: 4) { bytes = Mutation(pool: [bytes]).mutant(using: &stream) }
      if stream.once(in: 6) { bytes.removeLast(Int.random(in: 0...bytes.count, using: &stream)) }
      try Data(bytes).write(to: URL(fileURLWithPath: path))
    }
  } read: { path in
    let manifest = try Manifest.open(path).manifest
    for entry in manifest.entries { _ = try? AudioFile(manifest.path(of: entry)).samples() }
  }

  private static func tarFile(of content: [UInt8], _ stream: inout RandomStream) -> [UInt8] {
    var bytes: [UInt8] = []
    for number in 0..<Int.random(in: 1...4, using: &stream) {
      if stream.once(in: 3) { bytes += pax(&stream) }
      if stream.once(in: 4) {
        let name = stream.once(in: 4) ? Array(stream.oddText().utf8) : Array("long/name.wav".utf8)
        bytes += member(name: "././@LongLink", stream.one(of: ["L", "K"]), name, &stream)
      }
      let name = stream.once(in: 8) ? stream.oddText() : "\(stream.once(in: 9) ? 0 : number).wav"
      let type = stream.once(in: 4) ? stream.one(of: ["5", "2", "S", "7", "g", "\0", "Z"]) : "0"
      bytes += member(name: name, type, content, &stream)
    }
    return bytes + [UInt8](repeating: 0, count: stream.one(of: [0, 512, 1024]))
  }

  private static func pax(_ stream: inout RandomStream) -> [UInt8] {
    let value = stream.once(in: 2) ? "\(stream.oddInteger())" : stream.oddText()
    let record = " \(stream.one(of: ["path", "size", "mtime", "GNU.sparse.map"]))=\(value)\n"
    let length = stream.once(in: 4) ? stream.oddInteger() : record.utf8.count + 2
    return member(name: "pax", "x", Array("\(length)\(record)".utf8), &stream)
  }

  private static func member(
    name: String, _ type: String, _ content: [UInt8], _ stream: inout RandomStream
  ) -> [UInt8] {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, at offset: Int, atMost count: Int) {
      for (place, byte) in text.utf8.prefix(count).enumerated() { header[offset + place] = byte }
    }
    put(name, at: 0, atMost: 100)
    let size = stream.once(in: 12) ? stream.oddInteger() : content.count
    if stream.once(in: 6) {
      header[124] = stream.one(of: [0x80, 0xFF])
      for place in 0..<8 {
        header[128 + place] = UInt8(truncatingIfNeeded: size >> (56 - 8 * place))
      }
    } else {
      put(String(size, radix: 8), at: 124, atMost: 12)
    }
    put("        ", at: 148, atMost: 8)
    put(type, at: 156, atMost: 1)
    put(stream.one(of: ["ustar\u{0}00", "ustar  \0", ""]), at: 257, atMost: 8)
    if stream.once(in: 5) { put(stream.oddText(), at: 345, atMost: 155) }
    put(String(header.reduce(0) { $0 + Int($1) }, radix: 8), at: 148, atMost: 7)
    return header + content + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
  }
}
