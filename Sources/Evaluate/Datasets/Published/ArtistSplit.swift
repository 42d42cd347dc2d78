/// Assigns songs to training and validation such that no artist is in both.
///
/// An artist validates if the SHA-1 hash of the name is 100 or more modulo 116, about one in seven. Then, twice, in the
/// order of the songs, all artists of a song validate if one of them does. A song validates if an artist of it does.
///
/// Source: Castellon, Donahue and Liang 2021, the GiantSteps split of their program (JukeMIR).
struct ArtistSplit {
  private let artists: [String: [String]]
  private let validating: Set<String>

  /// - Parameter songs: The name of each song and its artists, in lower case.
  init(songs: [(id: String, artists: [String])]) {
    artists = Dictionary(songs.map { ($0.id, $0.artists) }) { first, _ in first }
    var validating = Set(songs.flatMap(\.artists).filter { SHA1.remainder(of: $0, by: 116) >= 100 })
    for _ in 0..<2 {
      for song in songs where !validating.isDisjoint(with: song.artists) {
        validating.formUnion(song.artists)
      }
    }
    self.validating = validating
  }

  /// The part of a song.
  /// - Throws: `Unusable` if its artists are not known.
  func split(of id: String) throws(Unusable) -> Split {
    guard let artists = artists[id] else { throw Unusable("its artist is not listed") }
    return validating.isDisjoint(with: artists) ? .train : .valid
  }
}
