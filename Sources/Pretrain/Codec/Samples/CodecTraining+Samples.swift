import Audio
import Foundation

extension CodecTraining {
  /// Writes excerpts of the collection beside their reconstructions, and measures, see `CodecSamples`.
  public func writeSamples(of audio: any AudioSource, to folder: URL) throws {
    try CodecSamples.write(of: codec, audio: audio, seed: learning.seed, to: folder)
  }
}
