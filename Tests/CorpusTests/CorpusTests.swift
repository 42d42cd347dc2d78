import Audio
import Corpus
import Files
import Foundation
import Tensor
import Testing

@Suite struct CorpusTests {
  @Test func aPieceIsAFunctionOfSeedAndIndex() {
    let piece = CorpusPiece(index: 3, seed: 7)
    let again = CorpusPiece(index: 3, seed: 7)
    #expect(piece.samples == again.samples)
    #expect(piece.labels == again.labels)
    #expect(piece.samples != CorpusPiece(index: 4, seed: 7).samples)
    #expect(piece.samples != CorpusPiece(index: 3, seed: 8).samples)
  }

  @Test(arguments: 0..<12)
  func soundIsFiniteUnclippedAndNotSilent(index: Int) throws {
    let piece = CorpusPiece(index: index, seed: 1)
    #expect(piece.samples.count == 192_000)
    #expect(piece.samples.allSatisfy { $0.isFinite })
    let peak = try #require(piece.samples.map(abs).max())
    #expect(peak > 0.1 && peak < 0.95)
    for second in 0..<8 {
      let part = piece.samples[second * 24_000..<(second + 1) * 24_000]
      let power = part.reduce(0) { $0 + $1 * $1 } / 24_000
      #expect(power > 1e-7, "second \(second) of piece \(index) is silent")
    }
  }

  @Test(arguments: 0..<40)
  func labelsFitThePiece(index: Int) throws {
    let labels = CorpusPiece.labels(index: index, seed: 2)
    #expect(labels.file == Corpus.fileName(index))
    #expect(labels.chords.first?.start == 0)
    #expect(labels.chords.last?.end == 8)
    for (chord, next) in zip(labels.chords, labels.chords.dropFirst()) {
      #expect(chord.end == next.start && chord.start < chord.end)
    }
    for note in labels.notes {
      #expect(note.start >= 0 && note.start < note.end && note.end <= 8)
      let isInRange = note.part == .bass || note.instrument.range.contains(note.pitch)
      #expect(isInRange, "\(note.instrument) plays \(note.pitch)")
      #expect(note.part != .bass || (28...52).contains(note.pitch))
      #expect(labels.instruments[note.part.rawValue] == note.instrument.rawValue)
    }
    #expect(Set(labels.notes.map(\.part)).isSuperset(of: [.melody, .chords]))
    #expect(Set(labels.downbeats).isSubset(of: labels.beats))
    let gaps = zip(labels.beats, labels.beats.dropFirst()).map { $1 - $0 }
    #expect(gaps.allSatisfy { abs($0 - 60 / labels.tempo) < 2e-3 })
    #expect(labels.chords.contains { $0.root == labels.key.tonic } || labels.chords.count < 4)
  }

  /// The sections cover a long piece, letters return, and those of one letter have the same chords.
  @Test(arguments: 0..<12)
  func longPiecesHaveForm(index: Int) throws {
    let labels = CorpusPiece.labels(index: index, seed: 2, seconds: 60)
    #expect(labels.seconds == 60 && labels.contradiction == nil)
    let sections = try #require(labels.sections)
    #expect(sections.first?.start == 0 && sections.first?.name == "A")
    #expect(sections.last?.end == 60)
    for (section, next) in zip(sections, sections.dropFirst()) {
      #expect(section.end == next.start && labels.downbeats.contains(section.end))
    }
    #expect(Set(sections.map(\.name)).isSubset(of: ["A", "B", "C"]))
    #expect(try #require(labels.notes.last).start > 50)
    let whole = sections.dropFirst().dropLast()
    for section in whole {
      let twin = try #require(whole.first { $0.name == section.name })
      #expect(roots(of: section, in: labels) == roots(of: twin, in: labels))
    }
  }

  /// The roots of a section's chords, as many as a short section has.
  private func roots(of section: PieceLabels.Section, in labels: PieceLabels) -> [Int] {
    labels.chords.filter { $0.start >= section.start - 0.01 && $0.end <= section.end + 0.01 }
      .prefix(2).map(\.root)
  }

  @Test func aLongPieceSoundsToItsEnd() throws {
    let piece = CorpusPiece(index: 5, seed: 2, seconds: 30)
    #expect(piece.samples.count == 720_000)
    let end = piece.samples.suffix(48_000).reduce(0) { $0 + $1 * $1 } / 48_000
    #expect(end > 1e-6)
    #expect(piece.labels == CorpusPiece.labels(index: 5, seed: 2, seconds: 30))
  }

  /// Pieces are detuned by up to 40 cents, so that a listener can still name their notes.
  @Test func metersTuningsAndChordsVary() throws {
    let all = (0..<240).map { CorpusPiece.labels(index: $0, seed: 4) }
    let tunings = try all.map { try #require($0.tuning) }
    #expect(tunings.allSatisfy { abs($0) <= 40 })
    #expect(tunings.contains { $0 < -20 } && tunings.contains { $0 > 20 })
    #expect(all.contains { $0.tempo < 56 } && all.contains { $0.tempo > 180 })
    let beats = all.filter { $0.downbeats.count > 1 }.map { piece in
      piece.beats.count { (piece.downbeats[0]..<piece.downbeats[1]).contains($0) }
    }
    #expect(Set(beats) == [3, 4, 5, 6, 7])
    #expect(Set(all.flatMap(\.chords).map(\.quality)) == Set(ChordQuality.allCases))
  }

  @Test func keysAndInstrumentsAreEvenlyDrawn() {
    let all = (0..<240).map { CorpusPiece.labels(index: $0, seed: 3) }
    let keys = Dictionary(grouping: all) { $0.key }
    #expect(keys.count == 24)
    for part in ["melody", "chords"] {
      let counts = Dictionary(grouping: all) { $0.instruments[part] }.mapValues(\.count)
      #expect(counts.count == Instrument.allCases.count)
      #expect(counts.values.allSatisfy { $0 > 8 && $0 < 45 })
    }
    #expect(Set(all.map { $0.instruments.count }) == [2, 3, 4])
  }
}

@Suite struct CorpusFolderTests {
  private func withFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }

  @Test func writesAndReadsBack() throws {
    try withFolder { folder in
      try Corpus.write(to: folder, minutes: 0.4, seed: 5)
      let labels = try CorpusLabels.read(folder)
      #expect(labels.map(\.file) == (0..<3).map(Corpus.fileName))
      for (index, label) in labels.enumerated() {
        let piece = CorpusPiece(index: index, seed: 5)
        #expect(label == piece.labels)
        let file = try AudioFile(folder.appending(path: label.file).path)
        #expect(file.sampleRate == 24_000 && file.channels == 1)
        let samples = try file.samples()
        let error = zip(samples, piece.samples).map { abs($0 - $1) }.max()
        #expect(samples.count == piece.samples.count && (error ?? 1) < 1e-4)
      }
    }
  }

  @Test func replacesAFormerCorpusOnly() throws {
    try withFolder { folder in
      try Corpus.write(to: folder, minutes: 0.27, seed: 5)
      try Corpus.write(to: folder, minutes: 0.14, seed: 6)
      let labels = try CorpusLabels.read(folder)
      #expect(labels.count == 1)
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(names.sorted() == [".lock", "labels.jsonl", "piece-0000.wav"])
      try Data("mine".utf8).write(to: folder.appending(path: "thesis.txt"))
      #expect(throws: CorpusError.occupied(folder: folder.path, by: "thesis.txt")) {
        try Corpus.write(to: folder, minutes: 1, seed: 5)
      }
    }
  }

  /// Labels of music that others made, or of earlier versions, have neither sections nor a tuning.
  @Test func labelsWithoutSectionsAreRead() throws {
    try withFolder { folder in
      let line =
        #"{"file":"a.wav","seconds":8,"tempo":90,"key":{"tonic":3,"mode":"minor"},"#
        + #""chords":[],"beats":[1],"downbeats":[],"notes":[],"instruments":{"chords":"harp"}}"#
      try Data(line.utf8).write(to: folder.appending(path: CorpusLabels.fileName))
      let labels = try CorpusLabels.read(folder)
      #expect(labels[0].sections == nil && labels[0].tuning == nil)
    }
  }

  /// Of two files of labels in a folder, the one that is named.
  @Test func labelsMayHaveAnotherName() throws {
    try withFolder { folder in
      try Corpus.write(to: folder, minutes: 0.4, seed: 5)
      let all = try CorpusLabels.read(folder)
      let text = try String(
        contentsOf: folder.appending(path: CorpusLabels.fileName), encoding: .utf8)
      let file = folder.appending(path: "some.jsonl")
      try Data(text.split(separator: "\n").dropFirst().joined(separator: "\n").utf8)
        .write(to: file)
      let some = try CorpusLabels.read(file: file)
      #expect(all.count == 3 && some == Array(all.dropFirst()))
      let missing = folder.appending(path: "none.jsonl")
      #expect(throws: CorpusError.noLabels(file: missing.path)) {
        _ = try CorpusLabels.read(file: missing)
      }
    }
  }

  @Test func longPiecesAreWritten() throws {
    try withFolder { folder in
      try Corpus.write(to: folder, minutes: 0.5, seed: 5, pieceSeconds: 15)
      let labels = try CorpusLabels.read(folder)
      #expect(labels.map(\.seconds) == [15, 15])
      let file = try AudioFile(folder.appending(path: labels[1].file).path)
      #expect(try file.samples().count == 360_000)
    }
    #expect(throws: CorpusError.tooShort(minutes: 0.2, pieceSeconds: 60)) {
      _ = try Corpus.pieceCount(minutes: 0.2, pieceSeconds: 60)
    }
  }

  @Test func saysWhatIsWrongWithTheLabels() throws {
    try withFolder { folder in
      let file = folder.appending(path: CorpusLabels.fileName)
      #expect(throws: CorpusError.noLabels(file: file.path)) {
        _ = try CorpusLabels.read(folder)
      }
      try Corpus.write(to: folder, minutes: 0.14, seed: 5)
      let line = try String(contentsOf: file, encoding: .utf8)
      try Data((line + "{\"file\":\"x.wav\"}\n").utf8).write(to: file)
      #expect(
        throws: CorpusError.malformed(file: file.path, line: 2, reason: "seconds is missing")
      ) { _ = try CorpusLabels.read(folder) }
      try Data("nonsense\n".utf8).write(to: file)
      #expect(
        throws: CorpusError.malformed(file: file.path, line: 1, reason: "not a JSON object")
      ) { _ = try CorpusLabels.read(folder) }
    }
  }

  @Test func refusesWhatItCannotDo() throws {
    try withFolder { folder in
      let file = folder.appending(path: "file")
      try Data().write(to: file)
      #expect(throws: FileError.self) { try Corpus.write(to: file, minutes: 1, seed: 0) }
      for minutes in [0, -1, 0.01, Double.nan] {
        #expect(throws: CorpusError.self) { _ = try Corpus.pieceCount(minutes: minutes) }
      }
    }
    let count = try Corpus.pieceCount(minutes: 40)
    #expect(count == 300)
  }
}
