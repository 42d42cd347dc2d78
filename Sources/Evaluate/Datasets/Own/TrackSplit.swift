/// The division of tracks that come without one: 60 % to train on, 20 % to choose, 20 % to test, by a hash of their names.
enum TrackSplit {
  /// What a reader of the scores has to know.
  static let remark =
    "The labels name no parts: tracks are divided 60:20:20 by a hash of their names."

  /// The part of a track.
  static func part(of track: String) -> Split {
    switch SHA1.remainder(of: track, by: 5) {
    case ..<3: .train
    case 3: .valid
    default: .test
    }
  }
}
