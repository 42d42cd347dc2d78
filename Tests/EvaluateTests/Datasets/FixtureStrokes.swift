import Foundation

/// Writes a 16-bit mono wav: a tone that is struck every half second and decays, so that it has a pitch, and beats at
/// 0 s, 0.5 s, 1 s and so on. Makes the folders above it.
func writeStrokes(to url: URL, seconds: Double, sampleRate: Int, frequency: Double) throws {
  let stroke = (0..<sampleRate / 2).map { i in
    let time = Double(i) / Double(sampleRate)
    return Int16(16_000 * exp(-4 * time) * sin(2 * .pi * frequency * time))
  }
  let block = Data(stroke.flatMap { littleEndian($0) })
  let length = 2 * Int(seconds * Double(sampleRate))
  var samples = Data()
  while samples.count < length { samples.append(block) }
  try writeFile(
    Data(header(sampleRate: sampleRate, bytes: length)) + samples.prefix(length), to: url)
}

private func header(sampleRate: Int, bytes: Int) -> [UInt8] {
  let fields: [[UInt8]] = [
    Array("RIFF".utf8), littleEndian(UInt32(36 + bytes)), Array("WAVEfmt ".utf8),
    littleEndian(UInt32(16)), littleEndian(UInt16(1)), littleEndian(UInt16(1)),
    littleEndian(UInt32(sampleRate)), littleEndian(UInt32(2 * sampleRate)),
    littleEndian(UInt16(2)), littleEndian(UInt16(16)),
    Array("data".utf8), littleEndian(UInt32(bytes)),
  ]
  return Array(fields.joined())
}

private func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}
