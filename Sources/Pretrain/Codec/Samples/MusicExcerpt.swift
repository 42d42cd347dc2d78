import Audio
import Tensor

/// A stretch of a file of a collection.
struct MusicExcerpt: Equatable {
  /// The number of the file.
  let file: Int
  /// Its first sample.
  let start: Int
  let samples: [Float]

  /// Excerpts of a collection, which depend on the seed alone. Files are drawn with equal chances; of three stretches
  /// of a file the loudest is taken, so that few excerpts are silent. A shorter file is taken whole.
  ///
  /// - Throws: `AudioError` if a file can no longer be decoded.
  static func drawn(
    _ count: Int, of audio: any AudioSource, seconds: Double, seed: UInt64
  ) throws(AudioError) -> [MusicExcerpt] {
    var excerpts: [MusicExcerpt] = []
    for number in 0..<count {
      var stream = RandomStream(seed: seed, purpose: .excerpts, sample: number)
      let file = Int.random(in: 0..<audio.count, using: &stream)
      let length = min(audio.samples(of: file), Int(seconds * Double(audio.sampleRate)))
      var loudest: MusicExcerpt?
      for _ in 0..<3 {
        let start = Int.random(in: 0...audio.samples(of: file) - length, using: &stream)
        let other = MusicExcerpt(
          file: file, start: start,
          samples: try audio.crop(file: file, start: start, length: length))
        if other.energy > loudest?.energy ?? -1 { loudest = other }
      }
      excerpts.append(loudest!)
    }
    return excerpts
  }

  private var energy: Double { samples.reduce(0) { $0 + Double($1) * Double($1) } }
}
