import Audio
import Tensor

/// The songs of a part with their stems, read piece by piece: whole songs would not fit into memory.
struct StemTracks: Sendable {
  /// The sources, in the order of their names.
  let sources: [String]
  private let tracks: [Track]
  /// Samples a second of what is read.
  let sampleRate: Int

  private struct Track: Sendable {
    var mixture: AudioFile
    var stems: [AudioFile]
    /// Seconds of the shortest of them.
    var seconds: Double
  }

  /// - Parameters:
  ///   - items: The songs, with `Truth.stems`.
  ///   - sources: The names of the stems.
  ///   - sampleRate: Samples a second of what is read.
  /// - Throws: `AudioError` if a file cannot be opened.
  init(_ items: [LabelledItem], sources: [String], sampleRate: Int) throws(AudioError) {
    (self.sources, self.sampleRate) = (sources, sampleRate)
    var tracks: [Track] = []
    for item in items {
      guard case .stems(let paths) = item.truth else {
        preconditionFailure("StemTracks: expected stems, got \(item.truth)")
      }
      var stems: [AudioFile] = []
      for source in sources { stems.append(try AudioFile(paths[source]!)) }
      let mixture = try AudioFile(item.path)
      var seconds = Double.infinity
      for file in [mixture] + stems {
        let frames = try Self.frames(of: file)
        seconds = min(seconds, Double(frames) / Double(file.sampleRate))
      }
      tracks.append(Track(mixture: mixture, stems: stems, seconds: seconds))
    }
    self.tracks = tracks
  }

  private static func frames(of file: AudioFile) throws(AudioError) -> Int {
    if let frames = file.frames { return frames }
    return try file.count()
  }

  /// How many songs there are.
  var count: Int { tracks.count }

  /// Only the songs of at least so many seconds.
  func longer(than seconds: Double) -> StemTracks {
    StemTracks(self, tracks.filter { $0.seconds >= seconds })
  }

  private init(_ other: StemTracks, _ tracks: [Track]) {
    (sources, sampleRate, self.tracks) = (other.sources, other.sampleRate, tracks)
  }

  /// The mixture of a song and its stems, both channels of each.
  func song(_ number: Int) throws(AudioError) -> (mixture: [[Float]], stems: [[[Float]]]) {
    let track = tracks[number]
    var stems: [[[Float]]] = []
    for stem in track.stems { stems.append(try stem.stereo(sampleRate: sampleRate)) }
    return (try track.mixture.stereo(sampleRate: sampleRate), stems)
  }

  /// A mixture that no song has: each source from a random place of a random song, louder or softer by a factor from
  /// 0.25 to 1.25, its channels swapped in half of the cases.
  ///
  /// - Parameters:
  ///   - seconds: How long it is.
  ///   - generator: Draws songs, places, factors and swaps.
  /// - Returns: The two channels of each source.
  func mix(
    seconds: Double, using generator: inout some RandomNumberGenerator
  ) throws(AudioError) -> [[[Float]]] {
    var stems: [[[Float]]] = []
    for source in sources.indices {
      let track = tracks[Int.random(in: 0..<tracks.count, using: &generator)]
      let start = Double.random(in: 0...max(0, track.seconds - seconds), using: &generator)
      let gain = Float.random(in: 0.25...1.25, using: &generator)
      let isSwapped = Bool.random(using: &generator)
      let channels = try part(of: track.stems[source], from: start, seconds: seconds)
      stems.append((isSwapped ? channels.reversed() : channels).map { $0.map { gain * $0 } })
    }
    return stems
  }

  /// Exactly so many seconds, with zeros after the end of the file.
  private func part(
    of file: AudioFile, from start: Double, seconds: Double
  ) throws(AudioError) -> [[Float]] {
    let rate = Double(file.sampleRate)
    let channels = try file.stereo(
      from: Int(start * rate), count: Int((seconds * rate).rounded(.up)), sampleRate: sampleRate)
    let length = Int(seconds * Double(sampleRate))
    return channels.map { channel in
      Array(channel.prefix(length)) + [Float](repeating: 0, count: max(0, length - channel.count))
    }
  }
}
