import Audio
import Foundation
import Models
import Settings
import Tensor

extension CropSampler {
  /// The numbers of a recipe's `data`.
  public struct Config: Configuration {
    /// Length of a crop, in seconds.
    public var cropSeconds = 5.0
    /// Number of crops in a row that are cut from one file, each at a place of its own. `objective.contrast` compares
    /// them; an epoch has as many times more crops.
    public var cropsPerFile = 1
    /// When audio files are decoded.
    public var decoding = Decoding.ahead
    /// How files are brought to the encoder's sample rate.
    public var resampler = Resampler.soxr
    /// MERT's crops.
    public init() {}

    /// A crop is no longer than a day.
    public func validate() throws(InvalidSetting) {
      try require("cropSeconds", cropSeconds, in: 0.001...86_400)
      try require("cropsPerFile", cropsPerFile, in: 1...1_000)
    }
  }

  /// When the files of a collection are decoded.
  public enum Decoding: String, Codable, Sendable, CaseIterable {
    /// All files before the first step: 346 MB per hour of music at 24 kHz. Reading a crop then costs next to nothing.
    /// With `--cache` the samples are kept there and shared by all runs; without, they are in a nameless file beside
    /// the run, which goes when the run ends.
    case ahead
    /// Each crop when it is needed; no samples are stored. Lengths are those of a manifest or of the files' headers, if
    /// decoding the end of the file agrees.
    case onDemand
  }
}

extension CropSampler.Config {
  /// Opens a collection.
  ///
  /// - Parameters:
  ///   - sampleRate: The encoder's, Hz.
  ///   - scratch: A folder for decoded audio that no cache keeps.
  ///   - cache: What keeps decoded audio, lengths and levels from one start to the next; nil if nothing does.
  ///   - checking: Called after each file whose bytes are read to tell whether it has changed.
  ///   - progress: Called after each file that is decoded or measured.
  /// - Throws: `AudioError` if nothing usable is left; `FileError` if the cache cannot be read or written.
  package func source(
    of data: Manifest.Scan, sampleRate: Int, scratch: URL, cache: AudioCache? = nil,
    checking: ProgressHandler? = nil, progress: ProgressHandler?
  ) throws -> any AudioSource {
    switch (decoding, cache) {
    case (.ahead, let cache?):
      try CachedAudio(
        data.manifest, sampleRate: sampleRate, resampler: resampler, in: cache,
        minimumSeconds: cropSeconds, checking: checking, decoding: progress)
    case (.onDemand, let cache?):
      try AudioFiles(
        data.manifest, sampleRate: sampleRate, resampler: resampler, in: cache,
        minimumSeconds: cropSeconds, checking: checking, progress: progress)
    case (.ahead, nil):
      try DecodedAudio(
        data.manifest, sampleRate: sampleRate, resampler: resampler, scratchFolder: scratch.path,
        minimumSeconds: cropSeconds, progress: progress)
    case (.onDemand, nil):
      try AudioFiles(
        data.manifest, sampleRate: sampleRate, resampler: resampler,
        lengthsAreKnown: data.lengthsAreKnown, minimumSeconds: cropSeconds, progress: progress)
    }
  }
}
