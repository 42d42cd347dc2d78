import Audio
import Corpus
import Evaluate
import Testing

@Suite struct ProbeTaskTests {
  private let labels = (0..<6).map { CorpusPiece.labels(index: $0, seed: 3) }

  @Test func keyHasOneExampleAPiece() {
    let examples = KeyTask().examples(in: labels)
    #expect(examples.examples.map(\.piece) == [0, 1, 2, 3, 4, 5])
    #expect(examples.examples.allSatisfy { $0.time == 0..<8 })
    let names = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]
    for (example, piece) in zip(examples.examples, labels) {
      #expect(example.label == "\(names[piece.key.tonic]) \(piece.key.mode)")
    }
  }

  @Test func everyBeatHasAMiddleToBeToldFrom() {
    var piece = labels[0]
    piece.beats = [0.01, 0.5, 1.5, 7.9]
    let examples = BeatTask(stretch: 0.1).examples(of: piece, piece: 2)
    #expect(examples.map(\.label) == ["between", "beat", "between", "beat", "between"])
    let middles = examples.map { ($0.time.lowerBound + $0.time.upperBound) / 2 }
    for (found, expected) in zip(middles, [0.255, 0.5, 1, 1.5, 4.7]) {
      #expect(abs(found - expected) < 1e-9)
    }
    let all = BeatTask().examples(in: labels)
    #expect(all.classNames == ["beat", "between"] && all.chance < 0.55)
  }

  @Test(arguments: [(4.0, 2), (8, 1), (3, 2), (20, 1)])
  func instrumentCutsPiecesIntoEqualStretches(stretch: Double, count: Int) {
    var piece = labels[0]
    piece.notes = [note(0.1, 0.5, 60), note(7, 7.5, 62)]
    let examples = InstrumentTask(part: .melody, stretch: stretch).examples(of: piece, piece: 4)
    #expect(examples.count == count)
    #expect(examples.allSatisfy { $0.label == piece.instruments["melody"] && $0.piece == 4 })
    #expect(examples.first?.time.lowerBound == 0)
    #expect(examples.last?.time.upperBound == 8)
  }

  @Test func instrumentLeavesOutStretchesWithoutTheMelody() {
    var piece = labels[0]
    piece.notes = [note(5, 5.5, 60), note(0, 1, 40, .bass)]
    let examples = InstrumentTask(part: .melody, stretch: 4).examples(of: piece, piece: 0)
    #expect(examples.map(\.time) == [4..<8])
  }

  @Test func instrumentIsThatOfTheChordsUnlessSaid() {
    let examples = InstrumentTask().examples(in: labels).examples
    #expect(examples.allSatisfy { $0.label == labels[$0.piece].instruments["chords"] })
    #expect(examples.count > labels.count)
  }

  @Test func pitchAsksForTheClassOfLongMelodyNotes() {
    var piece = labels[0]
    piece.notes = [note(0, 0.5, 61), note(1, 1.1, 62), note(2, 2.5, 73), note(3, 4, 64, .chords)]
    let examples = PitchTask().examples(of: piece, piece: 1)
    #expect(examples.map(\.label) == ["C#", "C#"])
    #expect(examples.map(\.time) == [0..<0.5, 2..<2.5])
  }

  private func note(
    _ start: Double, _ end: Double, _ pitch: Int, _ part: Part = .melody
  ) -> PieceLabels.Note {
    var note = labels[0].notes[0]
    (note.start, note.end, note.pitch, note.part) = (start, end, pitch, part)
    return note
  }
}
