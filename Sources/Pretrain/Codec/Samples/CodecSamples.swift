import Audio
import Files
import Foundation
import Models
import Tensor

/// What a run of a codec writes beside a checkpoint for people to judge: excerpts of its own collection, their
/// reconstructions, and measures.
///
/// `samples.json` is this value. The sounds are flac files beside it, `excerpt-1-original.flac` and
/// `excerpt-1-codebooks-8.flac`; `measures.json` has the `CodecMeasures` of these excerpts and of further ones.
public struct CodecSamples: Codable, Sendable, Equatable {
  /// An excerpt and its reconstructions.
  public struct Excerpt: Codable, Sendable, Equatable {
    /// The file of the collection, as its manifest names it.
    public var source: String
    /// Where the excerpt begins, in seconds.
    public var start: Double
    /// The sound file of the original.
    public var original: String
    /// Those of the reconstructions, by rising number of codebooks.
    public var reconstructions: [Reconstruction]

    /// An excerpt of any content.
    public init(
      source: String, start: Double, original: String, reconstructions: [Reconstruction]
    ) {
      (self.source, self.start) = (source, start)
      (self.original, self.reconstructions) = (original, reconstructions)
    }
  }

  /// A reconstruction.
  public struct Reconstruction: Codable, Sendable, Equatable {
    /// The number of codebooks, from the first.
    public var codebooks: Int
    /// The sound file.
    public var file: String

    /// A reconstruction in a file.
    public init(codebooks: Int, file: String) { (self.codebooks, self.file) = (codebooks, file) }
  }

  /// The sample rate of the sounds, in Hz.
  public var sampleRate: Int
  /// The excerpts.
  public var excerpts: [Excerpt]

  /// Samples of any content.
  public init(sampleRate: Int, excerpts: [Excerpt]) {
    (self.sampleRate, self.excerpts) = (sampleRate, excerpts)
  }

  /// The excerpts that are measured, and how many of them are written.
  private static let (measured, written) = (16, 4)
  /// The length of an excerpt, in seconds.
  private static let seconds = 5.0

  /// Writes the samples of a codec into a folder, at once.
  ///
  /// - Parameters:
  ///   - codec: The codec.
  ///   - audio: The collection, at the codec's sample rate.
  ///   - seed: Decides which excerpts; the same seed gives the same.
  ///   - folder: The folder, which is replaced.
  /// - Throws: `AudioError` if a file can no longer be decoded; `ModelError.waveform` if the codec yields numbers that are
  ///   not finite; `FileError`.
  /// - Traps when: the sample rates differ.
  public static func write(
    of codec: Codec, audio: any AudioSource, seed: UInt64, to folder: URL
  ) throws {
    precondition(
      audio.sampleRate == codec.config.sampleRate,
      "CodecSamples: audio of \(audio.sampleRate) Hz, codec of \(codec.config.sampleRate) Hz")
    var measurement = CodecMeasurement(of: codec, decoding: codec.config.sampledCodebooks)
    let excerpts = try MusicExcerpt.drawn(measured, of: audio, seconds: seconds, seed: seed)
    try AtomicFolder.make(folder.deletingLastPathComponent())
    try AtomicFolder.write(to: folder) { partial in
      var samples = CodecSamples(sampleRate: audio.sampleRate, excerpts: [])
      for (number, excerpt) in excerpts.enumerated() {
        let channels = codec.config.channels
        let original = excerpt.samples.flatMap { Array(repeating: $0, count: channels) }
        let reconstructions = try measurement.add(original)
        guard number < written else { continue }
        let sounds = Sounds(
          number: number + 1, original: original, reconstructions: reconstructions,
          sampleRate: audio.sampleRate, channels: channels)
        samples.excerpts.append(
          try sounds.write(
            to: partial, source: audio.files[excerpt.file].path,
            start: Double(excerpt.start) / Double(audio.sampleRate)))
      }
      try write(samples, "samples.json", to: partial)
      try write(measurement.measures, "measures.json", to: partial)
    }
  }

  private static func write(_ value: some Encodable, _ name: String, to folder: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    try AtomicFile.write(encoder.encode(value), to: folder.appendingPathComponent(name))
  }
}

/// The sounds of one excerpt.
private struct Sounds {
  let number: Int
  let original: [Float]
  let reconstructions: [Int: [Float]]
  let sampleRate: Int
  let channels: Int

  /// - Returns: The excerpt with the names of its files.
  func write(to folder: URL, source: String, start: Double) throws -> CodecSamples.Excerpt {
    CodecSamples.Excerpt(
      source: source, start: start, original: try write(original, "original", to: folder),
      reconstructions: try reconstructions.keys.sorted().map { count in
        CodecSamples.Reconstruction(
          codebooks: count,
          file: try write(reconstructions[count]!, "codebooks-\(count)", to: folder))
      })
  }

  private func write(_ samples: [Float], _ name: String, to folder: URL) throws -> String {
    let file = "excerpt-\(number)-\(name).flac"
    try AudioFile.write(
      samples, sampleRate: sampleRate, channels: channels,
      to: folder.appendingPathComponent(file).path)
    return file
  }
}

extension Codec.Config {
  /// 1, 2, 4, ... codebooks, and all of them.
  var sampledCodebooks: [Int] {
    let powers = sequence(first: 1) { 2 * $0 }.prefix { $0 < quantizer.codebooks }
    return powers + [quantizer.codebooks]
  }
}
