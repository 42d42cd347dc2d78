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
