import Foundation

/// 14 songs as emoMusic lays them out: 6 for training, 4 for validation, 4 for the test. The higher the pitch, the
/// higher the arousal; the more overtones, the higher the valence.
///
/// Of the ten development songs, arousal has mean 5 and variance 2, valence mean 4 and variance 2.4.
enum EmoMusicFixture {
  struct Song {
    var id: Int
    var artist: String
    var set = "development"
    var arousal: Double
    var valence: Double
  }

  /// The artists' groups, from Python's `hashlib`: 4, 5, 7, 3, 6, 4; 9, 8, 9, 9.
  static let songs = [
    Song(id: 2, artist: "Björk & Co.", arousal: 3, valence: 2),
    Song(id: 3, artist: "Mötley Crüe", arousal: 5, valence: 2),
    Song(id: 5, artist: "BEYONCÉ\t", arousal: 7, valence: 4),
    Song(id: 7, artist: "Café Tacvba", arousal: 3, valence: 4),
    Song(id: 10, artist: "Ólafur  Arnalds", arousal: 5, valence: 6),
    Song(id: 12, artist: "björk, co", arousal: 7, valence: 6),
    Song(id: 20, artist: "Sigur Rós", arousal: 4, valence: 2),
    Song(id: 21, artist: "Ke$ha", arousal: 6, valence: 6),
    Song(id: 22, artist: " The  Émigrés!", arousal: 4, valence: 4),
    Song(id: 23, artist: "Amélie-les-crayons", arousal: 6, valence: 4),
    Song(id: 990, artist: "Sigur Rós", set: "evaluation", arousal: 3, valence: 2),
    Song(id: 991, artist: "Björk", set: "evaluation", arousal: 5, valence: 6),
    Song(id: 992, artist: "Low", set: "evaluation", arousal: 7, valence: 4),
    Song(id: 1000, artist: "Can", set: "evaluation", arousal: 6, valence: 3),
  ]

  /// Writes `emomusic` below a folder.
  static func write(below root: URL, seconds: Double = 6) throws {
    let folder = root.appendingPathComponent("emomusic")
    for song in songs {
      try writeTone(
        to: folder.appendingPathComponent("clips_45seconds/\(song.id).wav"), seconds: seconds,
        sampleRate: 16_000, frequency: 110 * song.arousal, harmonics: Int(song.valence))
    }
    let annotations = folder.appendingPathComponent("annotations")
    try FileManager.default.createDirectory(at: annotations, withIntermediateDirectories: true)
    for (name, text) in [("songs_info", info), ("static_annotations", ratings)] {
      try Data(text.utf8).write(to: annotations.appendingPathComponent("\(name).csv"))
    }
  }

  private static var info: String {
    let header =
      "song_id,file_name,Artist,Song title,start of the segment (min.sec),"
      + "end of the segment (min.sec),Genre,Mediaeval 2013 set\n"
    return header
      + songs.map { song in
        let times = song.id.isMultiple(of: 2) ? "0.48,1.33" : "0.5,1.35"
        let title = "\"A \"\"Song\"\"\t\""
        return
          "\(song.id),\(song.id).mp3,\"\(song.artist)\",\(title),\(times),Blues\t,\(song.set)\n"
      }.joined()
  }

  private static var ratings: String {
    let rows = songs.map { "\($0.id),\($0.arousal),0.5,\($0.valence),0.66667\r\n" }
    return "song_id,mean_arousal,std_arousal,mean_valence,std_valence\r\n" + rows.joined()
  }
}
