import Audio
import Corpus
import Foundation
import Pretrain
import Testing

/// What codes tell of classes, by hand.
@Suite struct LabelQualityTests {
  /// Pairs (code, class): 0 with a 3 times, 0 with b once, 1 with b twice, 2 with a and c once each.
  private func agreement() -> CodeAgreement {
    var agreement = CodeAgreement(codes: 4, classes: 3)
    agreement.add([0, 0, 0, 0, 3], [0, 0, 0, 1, nil])
    agreement.add([1, 1, 2, 2], [1, 1, 0, 2])
    return agreement
  }

  @Test func figuresOfAHandfulOfFrames() {
    let agreement = agreement()
    #expect(agreement.frames == 8 && agreement.classesUsed == 3)
    #expect(agreement.purity == Double(3 + 2 + 1) / 8)
    #expect(agreement.codePurity == Double(3 + 2 + 1) / 8)
    #expect(agreement.mostFrequent == 4.0 / 8)
    // H(class) of 4, 3, 1; H(class | code) = 4/8 h(1/4) + 2/8 · 0 + 2/8 · ln 2.
    let known = -(0.5 * log(0.5) + 0.375 * log(0.375) + 0.125 * log(0.125))
    let quarter = -(0.25 * log(0.25) + 0.75 * log(0.75))
    let rest = 0.5 * quarter + 0.25 * log(2)
    #expect(abs(agreement.normalisedInformation - (known - rest) / known) < 1e-12)
  }

  @Test func codesThatTellAllAndNothing() {
    var all = CodeAgreement(codes: 5, classes: 3)
    all.add([4, 2, 0, 4, 2, 0], [0, 1, 2, 0, 1, 2])
    #expect(all.purity == 1 && all.codePurity == 1)
    #expect(abs(all.normalisedInformation - 1) < 1e-12)
    var nothing = CodeAgreement(codes: 2, classes: 2)
    nothing.add([0, 0, 1, 1], [0, 1, 0, 1])
    #expect(nothing.purity == 0.5 && abs(nothing.normalisedInformation) < 1e-12)
    var one = CodeAgreement(codes: 2, classes: 2)
    one.add([0, 1], [1, 1])
    #expect(one.purity == 1 && one.normalisedInformation == 0, "one class is nothing to know")
    #expect(CodeAgreement(codes: 1, classes: 1).purity == 0)
  }

  /// Ten frames a second; frame `t` is judged in its middle, `0.05 + t / 10` s.
  private let piece: PieceLabels

  init() throws {
    let line = """
      {"file": "a.wav", "seconds": 1, "tempo": 120, "key": {"tonic": 2, "mode": "minor"},
      "chords": [{"start": 0, "end": 0.42, "root": 3, "quality": "maj"},
      {"start": 0.42, "end": 1, "root": 5, "quality": "min"}], "beats": [], "downbeats": [],
      "notes": [
      {"start": 0.1, "end": 0.34, "pitch": 61, "instrument": "flute", "part": "melody"},
      {"start": 0.3, "end": 0.5, "pitch": 74, "instrument": "flute", "part": "melody"},
      {"start": 0, "end": 0.2, "pitch": 50, "instrument": "brass", "part": "chords"},
      {"start": 0.9, "end": 9, "pitch": 50, "instrument": "brass", "part": "bass"}],
      "instruments": {}}
      """
    piece = try JSONDecoder().decode(PieceLabels.self, from: Data(line.utf8))
  }

  @Test func classesOfFrames() {
    let rate = LabelRate(sampleRate: 1_000, hop: 100)
    func classes(_ label: KnownLabel, _ frames: Int = 10) -> [Int?] {
      label.classes(of: piece, frames: frames, rate: rate)
    }
    let key = MusicalKey.all.firstIndex(of: MusicalKey(tonic: 2, mode: .minor))
    #expect(classes(.key) == Array(repeating: key, count: 10))
    #expect(classes(.chord) == Array(repeating: 3, count: 4) + Array(repeating: 5 + 12, count: 6))
    #expect(classes(.pitch) == [nil, 1, 1, 2, 2, nil, nil, nil, nil, nil])
    #expect(classes(.instrument) == [1, 1] + Array(repeating: nil, count: 8))
    #expect(classes(.chord, 2) == [3, 3], "labels may end before the piece")
    #expect(classes(.key, 12).suffix(2) == [nil, nil], "and after it")
  }

  @Test func countsFileByFile() throws {
    var count = LabelQualityCount(
      codebookSizes: [4, 6], rate: LabelRate(sampleRate: 1_000, hop: 100), known: [piece])
    count.add("a.wav", [[0, 0, 0, 0, 1, 1, 1, 1, 1, 1], [5, 5, 5, 5, 5, 5, 5, 5, 5, 5]])
    count.add("unknown.wav", [[2, 2], [5, 4]])
    let qualities = count.qualities(store: "labels-0.h5")
    #expect(qualities.map(\.codebook) == [0, 1] && qualities.map(\.codes) == [4, 6])
    #expect(qualities.map(\.used) == [3, 2] && qualities.map(\.frames) == [12, 12])
    let chord = try #require(qualities[0].agreements.first { $0.label == .chord })
    #expect(chord.frames == 10 && chord.classes == 2 && chord.purity == 1)
    #expect(abs(chord.normalisedInformation - 1) < 1e-12)
    let second = try #require(qualities[1].agreements.first { $0.label == .chord })
    #expect(second.purity == 0.6 && second.normalisedInformation < 1e-12)
    #expect(abs(qualities[0].perplexity - exp(qualities[0].entropy)) < 1e-12)
    let back = try JSONDecoder().decode([LabelQuality].self, from: JSONEncoder().encode(qualities))
    #expect(back == qualities)

    var strange = LabelQualityCount(
      codebookSizes: [2], rate: LabelRate(sampleRate: 1_000, hop: 100), known: [])
    strange.add("a.wav", [[0, 1]])
    #expect(strange.qualities(store: "s")[0].agreements.isEmpty)
  }
}
