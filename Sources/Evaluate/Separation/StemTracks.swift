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
    let mixture: AudioFile
    let stems: [AudioFile]
    /// Seconds of the shortest of them.
    let seconds: Double

    /// - Throws: `AudioError` if a file cannot be decoded, or is shorter than `least` seconds.
    init(_ item: LabelledItem, sources: [String], least: Double) throws(AudioError) {
      guard case .stems(let paths) = item.truth else {
        preconditionFailure("StemTracks: expected stems, got \(item.truth)")
      }
      mixture = try AudioFile(item.path)
      stems = try sources.map { source throws(AudioError) in try AudioFile(paths[source]!) }
      var shortest = Double.infinity
      for file in [mixture] + stems {
        let seconds = Double(try file.count()) / Double(file.sampleRate)
        guard seconds >= least else {
          throw .tooShort(path: file.path, seconds: seconds, minimum: least)
        }
        shortest = min(shortest, seconds)
      }
      seconds = shortest
    }
  }

  /// The songs that can be used: each file is decoded once, so that none ends a training of hours.
  ///
  /// - Parameters:
  ///   - items: The songs, with `Truth.stems`.
  ///   - sources: The names of the stems.
  ///   - sampleRate: Samples a second of what is read.
  ///   - least: The length of the shortest song that is used, seconds.
  /// - Returns: These songs, and why the others are not used.
  static func usable(
    _ items: [LabelledItem], sources: [String], sampleRate: Int, least: Double
  ) -> (tracks: StemTracks, leftOut: [Omission]) {
    let tracks = Cores.map(items.count) { number in
      Result { () throws(AudioError) in try Track(items[number], sources: sources, least: least) }
    }
    let leftOut = zip(items, tracks).compactMap { item, track -> Omission? in
      guard case .failure(let error) = track else { return nil }
      return Omission(item.name, error.description)
    }
    let usable = StemTracks(
      sources: sources, tracks: tracks.compactMap { try? $0.get() }, sampleRate: sampleRate)
    return (usable, leftOut)
  }

  /// How many songs there are.
  var count: Int { tracks.count }

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
