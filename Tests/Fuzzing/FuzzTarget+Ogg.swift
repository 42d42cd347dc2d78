import Audio
import Foundation
import Tensor

extension FuzzTarget {
  /// Ogg files whose pages have right checksums: Vorbis, Opus and FLAC, joined, mixed, cut, with odd
  /// positions and numbers.
  static let ogg = FuzzTarget("ogg") { folder in
    let streams = try oggStreams(in: folder)
    return { path, stream in
      var bytes = oggFile(of: streams, &stream)
      if stream.once(in: 8) { bytes = Mutation(pool: [bytes]).mutant(using: &stream) }
      try Data(bytes).write(to: URL(fileURLWithPath: path))
    }
  } read: {
    try readSound($0)
  }

  /// A page without its checksum.
  struct OggPage {
    var flags: UInt8
    var position: Int
    var serial: Int
    var sequence: Int
    var lengths: [UInt8]
    var body: [UInt8]

    var bytes: [UInt8] {
      var writer = ByteWriter()
      writer.text("OggS")
      writer.raw([0, flags])
      writer.little(position, 8)
      for number in [serial, sequence, 0] { writer.little(number, 4) }
      writer.raw([UInt8(lengths.count)])
      writer.raw(lengths)
      writer.raw(body)
      let crc = writer.bytes.reduce(UInt32(0)) { sum, byte in
        (0..<8).reduce(sum ^ UInt32(byte) << 24) { crc, _ in
          crc & 0x8000_0000 == 0 ? crc << 1 : crc << 1 ^ 0x04C1_1DB7
        }
      }
      var bytes = writer.bytes
      for i in 0..<4 { bytes[22 + i] = UInt8(truncatingIfNeeded: crc >> (8 * UInt32(i))) }
      return bytes
    }

    /// The pages of a sound file.
    static func all(of bytes: [UInt8]) -> [OggPage] {
      var (pages, start) = ([OggPage](), 0)
      func number(_ offset: Int, _ count: Int) -> Int {
        (0..<count).reduce(0) { $0 | Int(bytes[start + offset + $1]) << (8 * $1) }
      }
      while start < bytes.count {
        let body = start + 27 + Int(bytes[start + 26])
        let lengths = Array(bytes[start + 27..<body])
        let end = body + lengths.reduce(0) { $0 + Int($1) }
        pages.append(
          OggPage(
            flags: bytes[start + 5], position: number(6, 8), serial: number(14, 4),
            sequence: number(18, 4), lengths: lengths, body: Array(bytes[body..<end])))
        start = end
      }
      return pages
    }
  }

  private static func oggStreams(in folder: URL) throws -> [[OggPage]] {
    try [("a.ogg", 8000, 1), ("b.ogg", 8000, 2), ("c.ogg", 16_000, 1), ("a.opus", 16_000, 1)].map {
      let path = folder.appendingPathComponent($0).path
      let (rate, channels) = ($1, $2)
      let samples = (0..<rate / 2 * channels).map { 0.5 * sin(Float($0 * $0 % 9973) / 50) }
      try AudioFile.write(samples, sampleRate: rate, channels: channels, to: path)
      return OggPage.all(of: try bytes(of: path))
    }
  }

  private static func oggFile(
    of streams: [[OggPage]], _ stream: inout RandomStream
  ) -> [UInt8] {
    var pages: [OggPage] = []
    for link in 0..<(stream.once(in: 2) ? 1 : 2) {
      var more =
        stream.once(in: 4) ? flacPages(&stream) : streams.randomElement(using: &stream)!
      if link == 1, stream.once(in: 2) {
        for i in more.indices { more[i].serial = 7 }
      }
      if stream.once(in: 4) { change(&more, &stream) }
      if link == 1, stream.once(in: 6) {
        pages.insert(contentsOf: more, at: min(1, pages.count))
      } else {
        pages += more
      }
    }
    var bytes = pages.flatMap(\.bytes)
    if stream.once(in: 8), !bytes.isEmpty {
      bytes.removeLast(Int.random(in: 0..<bytes.count, using: &stream))
    }
    return stream.once(in: 10) ? bytes + stream.tag() : bytes
  }

  private static func change(_ pages: inout [OggPage], _ stream: inout RandomStream) {
    guard !pages.isEmpty else { return }
    let place = Int.random(in: 0..<pages.count, using: &stream)
    switch Int.random(in: 0..<7, using: &stream) {
    case 0: pages[place].position = stream.length(pages[place].position)
    case 1: pages[place].sequence = stream.length(pages[place].sequence)
    case 2: pages[place].serial = stream.length(pages[place].serial)
    case 3: pages[place].flags = UInt8.random(in: 0...7, using: &stream)
    case 4: pages.remove(at: place)
    case 5: pages.insert(pages[place], at: place)
    default:
      let body = pages[place].body
      guard !body.isEmpty else { return }
      pages[place].body[Int.random(in: 0..<body.count, using: &stream)] ^= 1 << 3
    }
  }

  /// A stream of FLAC in pages: the header in one, the rest as it comes.
  private static func flacPages(_ stream: inout RandomStream) -> [OggPage] {
    let bytes = flacStream(&stream)
    let first = [0x7F] + Array("FLAC".utf8) + [1, 0, 0, 1] + bytes.prefix(42)
    var pages = [page(first, flags: 2, 0)]
    var rest = bytes.dropFirst(42)
    while !rest.isEmpty {
      let part = Array(rest.prefix(Int.random(in: 1...4000, using: &stream)))
      rest = rest.dropFirst(part.count)
      pages.append(page(part, flags: rest.isEmpty ? 4 : 0, pages.count))
    }
    return pages
  }

  private static func page(_ body: [UInt8], flags: UInt8, _ sequence: Int) -> OggPage {
    let lengths = [UInt8](repeating: 255, count: body.count / 255) + [UInt8(body.count % 255)]
    return OggPage(
      flags: flags, position: sequence * 100, serial: 5, sequence: sequence, lengths: lengths,
      body: body)
  }
}
