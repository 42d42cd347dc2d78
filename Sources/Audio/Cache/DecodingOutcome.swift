import Files
import Foundation

/// What became of a file that a cache decoded.
enum DecodingOutcome: Equatable {
  case decoded(DecodedSamples)
  /// Why no samples are kept.
  case unusable(reason: String)
}

/// The decoded samples of a file: a file of float32, and what is known of it.
struct DecodedSamples: Equatable {
  /// The number of frames of the encoded file, and its sample rate, Hz.
  private(set) var frames = 0
  private let fileRate: Int
  /// The sample rate of the samples, Hz.
  private let sampleRate: Int
  /// The samples of digital silence, as `SilentStretches` counts them.
  private(set) var silent = 0
  /// What brings them to mean 0 and variance 1.
  private(set) var scale = AudioScale(mean: 0, reciprocal: 1)
  /// The `ContentHash` of the file of samples.
  private(set) var hash: UInt64 = 0
  /// Its size and time of change.
  var stamp = FileStamp(bytes: 0, changed: 0)

  init(of file: AudioFile, sampleRate: Int) {
    (fileRate, self.sampleRate) = (file.sampleRate, sampleRate)
  }

  /// How many there are.
  var count: Int { stamp.bytes / MemoryLayout<Float>.stride }
  /// The length of the encoded file, seconds.
  var seconds: Double { Double(frames) / Double(fileRate) }

  /// Decodes a file into another, block by block.
  /// - Throws: `AudioError`; Foundation's error if the samples cannot be written.
  mutating func decode(_ file: AudioFile, by resampler: Resampler, into output: FileHandle) throws {
    var (sums, hash) = (AudioScale.Sums(), ContentHash())
    var silence = SilentStretches(sampleRate: sampleRate)
    var failure: (any Error)?
    do {
      frames = try file.decodeUsable(minimumSeconds: 0, at: sampleRate, by: resampler) {
        (block) throws(AudioError) in
        let bytes = block.withUnsafeBytes { Data($0) }
        sums.add(block)
        hash.update(bytes)
        silence.add(block)
        do {
          try output.write(contentsOf: bytes)
        } catch {
          failure = error
          throw .scratch(folder: "", reason: "")
        }
      }
    } catch {
      throw failure ?? error
    }
    silence.end()
    (silent, scale, self.hash) = (silence.samples, sums.scale, hash.value)
  }
}

// MARK: - Records

extension DecodingOutcome {
  /// The number of fields of a record.
  static let fieldCount = 9

  /// Fields for a log.
  var record: [String] {
    switch self {
    case .decoded(let samples): samples.record
    case .unusable(let reason):
      ["unusable", reason.replacing("\t", with: " ").replacing("\n", with: " ")]
        + Array(repeating: "", count: Self.fieldCount - 2)
    }
  }

  /// - Returns: Nil for a record of another form.
  init?(_ fields: [Substring]) {
    if fields[0] == "unusable" {
      self = .unusable(reason: String(fields[1]))
    } else if let samples = DecodedSamples(fields) {
      self = .decoded(samples)
    } else {
      return nil
    }
  }
}

extension DecodedSamples {
  fileprivate var record: [String] {
    [
      "\(frames)", "\(fileRate)", "\(sampleRate)", "\(silent)",
      String(scale.mean.bitPattern, radix: 16), String(scale.reciprocal.bitPattern, radix: 16),
      String(hash, radix: 16), "\(stamp.bytes)", "\(stamp.changed)",
    ]
  }

  fileprivate init?(_ fields: [Substring]) {
    guard fields.count == DecodingOutcome.fieldCount, let frames = Int(fields[0]),
      let fileRate = Int(fields[1]), fileRate > 0, let sampleRate = Int(fields[2]),
      let silent = Int(fields[3]), let mean = UInt32(fields[4], radix: 16),
      let reciprocal = UInt32(fields[5], radix: 16), let hash = UInt64(fields[6], radix: 16),
      let bytes = Int(fields[7]), let changed = Int(fields[8])
    else { return nil }
    (self.frames, self.fileRate, self.sampleRate) = (frames, fileRate, sampleRate)
    (self.silent, self.hash) = (silent, hash)
    scale = AudioScale(
      mean: Float(bitPattern: mean), reciprocal: Float(bitPattern: reciprocal))
    stamp = FileStamp(bytes: bytes, changed: changed)
  }
}
