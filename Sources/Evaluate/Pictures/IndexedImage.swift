import Foundation
import Tensor

/// An image of one byte per pixel, which a colour map colours: the raster inside a picture.
struct IndexedImage {
  let width: Int
  let height: Int
  /// Row by row from the top, `[height, width]`.
  let pixels: [UInt8]

  /// The image as a PNG file with a palette.
  ///
  /// Nothing is compressed: pictures are small and made to be looked at once.
  /// Source: PNG specification, third edition; RFC 1950 and 1951 for the stored blocks.
  func png(_ colors: ColorMap) -> Data {
    precondition(
      pixels.count == width * height && width > 0 && height > 0,
      "IndexedImage: \(pixels.count) pixels, not \(width) × \(height)")
    let eightBitPalette: [UInt8] = [8, 3, 0, 0, 0]
    var file = Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
    file.append(Self.chunk("IHDR", bytes(width) + bytes(height) + eightBitPalette))
    file.append(Self.chunk("PLTE", colors.palette.flatMap { [$0.red, $0.green, $0.blue] }))
    file.append(Self.chunk("IDAT", Self.stored(scanlines)))
    file.append(Self.chunk("IEND", []))
    return file
  }

  /// Each row after the number of its filter, 0 for none.
  private var scanlines: [UInt8] {
    (0..<height).flatMap { [0] + pixels[$0 * width..<($0 + 1) * width] }
  }

  private static func chunk(_ type: String, _ content: [UInt8]) -> Data {
    let body = Array(type.utf8) + content
    return Data(bytes(content.count) + body + bytes(Int(checksum(body))))
  }

  /// A zlib stream of blocks as they are.
  private static func stored(_ content: [UInt8]) -> [UInt8] {
    var stream: [UInt8] = [0x78, 0x01]
    for start in stride(from: 0, to: content.count, by: 0xFFFF) {
      let block = content[start..<min(start + 0xFFFF, content.count)]
      let isLast: UInt8 = block.endIndex == content.count ? 1 : 0
      let (low, high) = (UInt8(block.count & 0xFF), UInt8(block.count >> 8))
      stream += [isLast, low, high, ~low, ~high] + block
    }
    return stream + bytes(Int(adler(content)))
  }

  private static func adler(_ content: [UInt8]) -> UInt32 {
    var (sum, sums): (UInt32, UInt32) = (1, 0)
    for byte in content {
      sum = (sum + UInt32(byte)) % 65_521
      sums = (sums + sum) % 65_521
    }
    return sums << 16 | sum
  }

  private static func checksum(_ content: [UInt8]) -> UInt32 {
    ~content.reduce(UInt32.max) { crc, byte in
      remainders[Int((crc ^ UInt32(byte)) & 0xFF)] ^ (crc >> 8)
    }
  }

  private static let remainders: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { crc, _ in
      crc & 1 == 1 ? 0xEDB8_8320 ^ (crc >> 1) : crc >> 1
    }
  }
}

/// Four bytes, the highest first.
private func bytes(_ number: Int) -> [UInt8] {
  [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
}
