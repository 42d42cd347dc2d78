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
    /// When audio files are decoded.
    public var decoding = Decoding.ahead
    /// How files are brought to the encoder's sample rate.
    public var resampler = Resampler.soxr
    /// MERT's crops.
    public init() {}

    /// A crop is no longer than a day.
    public func validate() throws(InvalidSetting) {
      try require("cropSeconds", cropSeconds, in: 0.001...86_400)
    }
  }

  /// When the files of a collection are decoded.
  public enum Decoding: String, Codable, Sendable, CaseIterable {
    /// All files before the first step, to a nameless file beside the run: 346 MB per hour of music at 24 kHz.
    /// Reading a crop then costs next to nothing.
    case ahead
    /// Each crop when it is needed; nothing is stored. Lengths of files are taken from a manifest; those of a
    /// folder are decoded once to find their lengths.
    case onDemand
  }
}

extension CropSampler.Config {
  /// Opens a collection.
  ///
  /// - Parameters:
  ///   - sampleRate: The encoder's, Hz.
  ///   - scratch: A folder for decoded audio.
  /// - Throws: `AudioError` if nothing usable is left.
  package func source(
    of data: Manifest.Scan, sampleRate: Int, scratch: URL, progress: ProgressHandler?
  ) throws(AudioError) -> any AudioSource {
    switch decoding {
    case .ahead:
      try DecodedAudio(
        data.manifest, sampleRate: sampleRate, resampler: resampler, scratchFolder: scratch.path,
        minimumSeconds: cropSeconds, progress: progress)
    case .onDemand:
      try AudioFiles(
        data.manifest, sampleRate: sampleRate, resampler: resampler,
        lengthsAreKnown: data.lengthsAreKnown, minimumSeconds: cropSeconds, progress: progress)
    }
  }
}
