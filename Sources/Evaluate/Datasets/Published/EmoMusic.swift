import Foundation

/// The emotion of 744 clips of 45 s, as listeners rated it: emoMusic, also called EMO or "1000 songs".
///
/// The truth of a clip is its mean arousal and its mean valence, both on a scale from 1 to 9, each minus the mean and
/// over the population deviation of all development songs. The songs of the evaluation set are the test part. The
/// others are divided by artist, so that training and validation share none: the SHA-1 of the name modulo 10 is below 8
/// for training. 504, 115 and 125 songs.
///
/// Source: Soleymani et al. 2013, "1000 Songs for Emotional Analysis of Music"; the division of Castellon et al. 2021,
/// which MARBLE (Yuan et al. 2023) took over.
public enum EmoMusic {
  /// Where it comes from and what a complete folder has.
  public static let card = DatasetCard(
    name: "EMO", folders: ["emomusic"],
    contents: [
      "clips_45seconds/<song_id>.mp3", "annotations/songs_info.csv",
      "annotations/static_annotations.csv",
    ],
    origin: "cvml.unige.ch/databases/emoMusic, on request", licence: "none found")

  /// Reads the lists below `ROOT/emomusic`.
  ///
  /// Songs whose audio is missing are left out, and still count for mean and deviation: the truth of a song does not
  /// depend on which others are there.
  /// - Throws: `DatasetError` if a list is missing or malformed, or if a part is empty.
  public static func read(_ root: URL) throws(DatasetError) -> LabelledDataset {
    let folder = try card.existingFolder(below: root)
    let clips = folder.appendingPathComponent("clips_45seconds")
    let ratings = try EmoRatings(
      of: card.existingFile("annotations/songs_info.csv", in: folder),
      card.existingFile("annotations/static_annotations.csv", in: folder))
    var list = ItemList()
    for song in ratings.songs {
      list.add("\(song.id)") { () throws(Unusable) in try item(song, ratings, in: clips) }
    }
    return try list.dataset(of: card, in: folder, classes: ["arousal", "valence"])
  }

  private static func item(
    _ song: EmoRatings.Song, _ ratings: EmoRatings, in clips: URL
  ) throws(Unusable) -> LabelledItem {
    guard let split = song.split else {
      throw Unusable("in neither the development nor the evaluation set")
    }
    guard let numbers = ratings.standardised(song.id) else { throw Unusable("without ratings") }
    let path = try AudioLocation.listed("\(song.id).mp3", in: clips)
    return LabelledItem(path: path, name: "\(song.id)", split: split, truth: .numbers(numbers))
  }
}
