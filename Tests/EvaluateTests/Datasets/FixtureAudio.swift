import Foundation

/// A tone with overtones, as loud in each channel as its gain there.
struct FixtureTone {
  /// Hz.
  var frequency: Double
  /// How many harmonics, the k-th 1/k as loud as the first: the timbre.
  var harmonics = 1
  /// One for each channel.
  var gains: [Double] = [0.3]

  /// `Σ sin(2π k f t) / k`.
  func value(at time: Double) -> Double {
    (1...harmonics).reduce(0) { $0 + sin(2 * .pi * Double($1) * frequency * time) / Double($1) }
  }
}

/// Writes tones that sound at once, making the folders on the way.
func writeTones(_ tones: [FixtureTone], to file: URL, seconds: Double, sampleRate: Int) throws {
  let channels = tones[0].gains.count
  var samples = [Double](repeating: 0, count: Int(seconds * Double(sampleRate)) * channels)
  for tone in tones {
    for n in 0..<samples.count / channels {
      let value = tone.value(at: Double(n) / Double(sampleRate))
      for c in 0..<channels { samples[n * channels + c] += tone.gains[c] * value }
    }
  }
  try FileManager.default.createDirectory(
    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
  try waveFile(samples, channels: channels, sampleRate: sampleRate).write(to: file)
}

/// Writes a tone, making the folders on the way.
func writeTone(
  to file: URL, seconds: Double, sampleRate: Int, frequency: Double, harmonics: Int = 1,
  channels: Int = 1
) throws {
  let gains = [Double](repeating: 0.3, count: channels)
  let tone = FixtureTone(frequency: frequency, harmonics: harmonics, gains: gains)
  try writeTones([tone], to: file, seconds: seconds, sampleRate: sampleRate)
}

/// The bytes of a wav of 16 bits from interleaved samples, -1 to 1.
private func waveFile(_ samples: [Double], channels: Int, sampleRate: Int) -> Data {
  let size = UInt32(2 * samples.count)
  let rate = UInt32(sampleRate)
  var data = Data("RIFF".utf8)
  data.append(littleEndian: 36 + size)
  data.append(contentsOf: "WAVEfmt ".utf8)
  data.append(littleEndian: UInt32(16))
  data.append(littleEndian: UInt16(1))
  data.append(littleEndian: UInt16(channels))
  data.append(littleEndian: rate)
  data.append(littleEndian: rate * UInt32(2 * channels))
  data.append(littleEndian: UInt16(2 * channels))
  data.append(littleEndian: UInt16(16))
  data.append(contentsOf: "data".utf8)
  data.append(littleEndian: size)
  for sample in samples { data.append(littleEndian: Int16(sample * 32767)) }
  return data
}

extension Data {
  fileprivate mutating func append(littleEndian value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }
}
