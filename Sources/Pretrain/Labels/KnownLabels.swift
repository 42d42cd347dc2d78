import Audio
import Corpus
import Foundation

/// The labels of the built-in corpus for a frame, to compare codes with.
public enum KnownLabel: String, CaseIterable, Codable, Sendable {
  /// The key of the piece, of 24.
  case key
  /// The chord that sounds, root and kind.
  case chord
  /// The pitch class of the melody's note; nothing where it rests.
  case pitch
  /// Who plays the chords; nothing where they rest.
  case instrument

  /// How many classes there are.
  public var classes: Int {
    switch self {
    case .key: MusicalKey.all.count
    case .chord: 12 * ChordQuality.allCases.count
    case .pitch: 12
    case .instrument: Instrument.allCases.count
    }
  }

  /// The class of each frame of a piece, by what sounds in the frame's middle.
  ///
  /// - Parameters:
  ///   - piece: The labels of the piece.
  ///   - frames: How many there are.
  ///   - rate: How often they come.
  public func classes(of piece: PieceLabels, frames: Int, rate: LabelRate) -> [Int?] {
    var classes = [Int?](repeating: nil, count: frames)
    for (start, end, known) in spans(of: piece) where (0..<self.classes).contains(known) {
      let first = rate.frame(middleFrom: start)
      for frame in max(0, first)..<max(0, first, min(frames, rate.frame(middleFrom: end))) {
        classes[frame] = known
      }
    }
    return classes
  }

  /// From when to when, in seconds, which class. Of notes that overlap, the later one counts.
  private func spans(of piece: PieceLabels) -> [(Double, Double, Int)] {
    switch self {
    case .key:
      return MusicalKey.all.firstIndex(of: piece.key).map { [(0, piece.seconds, $0)] } ?? []
    case .chord:
      return piece.chords.map { chord in
        let quality = ChordQuality.allCases.firstIndex(of: chord.quality)!
        return (chord.start, chord.end, chord.root + 12 * quality)
      }
    case .pitch:
      return piece.notes.filter { $0.part == .melody }.map { ($0.start, $0.end, $0.pitch % 12) }
    case .instrument:
      return piece.notes.filter { $0.part == .chords }.map { note in
        (note.start, note.end, Instrument.allCases.firstIndex(of: note.instrument)!)
      }
    }
  }
}

extension LabelRate {
  /// The first frame whose middle lies at or after a time; times beyond a year are taken for one.
  fileprivate func frame(middleFrom seconds: Double) -> Int {
    let limited = min(max(seconds, 0), 4e7)
    return Int((limited * labelsPerSecond - 0.5).rounded(.up))
  }
}
