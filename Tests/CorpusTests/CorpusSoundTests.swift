import Audio
import Corpus
import Foundation
import Testing

@Suite struct CorpusSoundTests {
  /// Amplitude of one frequency, under a Hann window, by Goertzel's recursion.
  private func level(of frequency: Double, in samples: [Float]) -> Double {
    let turn = 2 * Double.pi * frequency / Double(Corpus.sampleRate)
    let window = 2 * Double.pi / Double(samples.count)
    var (last, before) = (0.0, 0.0)
    for (i, x) in samples.enumerated() {
      let next = Double(x) * (1 - cos(window * Double(i))) + 2 * cos(turn) * last - before
      (before, last) = (last, next)
    }
    return (last * last + before * before - 2 * cos(turn) * last * before).squareRoot()
  }

  /// How well a fundamental explains a sound: its first harmonics, the lower the weightier.
  private func salience(of frequency: Double, in samples: [Float]) -> Double {
    (1...4).reduce(0) { sum, h in
      let harmonic = Double(h) * frequency
      return harmonic < 11_000 ? sum + level(of: harmonic, in: samples) / Double(h) : sum
    }
  }

  @Test(arguments: Instrument.allCases, 0..<4)
  func aNoteSoundsAtItsPitch(instrument: Instrument, draw: Int) throws {
    let range = instrument.range
    let pitch = range.lowerBound + (range.count - 1) * draw / 3
    let samples = instrument.note(pitch: pitch, seconds: 0.7, seed: UInt64(draw))
    let steady = Array(samples.dropFirst(1200).prefix(14_400))
    let frequency = 440 * pow(2, Double(pitch - 69) / 12)
    func best(_ cents: [Int]) -> Int? {
      cents.max { a, b in
        salience(of: frequency * pow(2, Double(a) / 1200), in: steady)
          < salience(of: frequency * pow(2, Double(b) / 1200), in: steady)
      }
    }
    #expect(best(Array(stride(from: -1100, through: 1100, by: 100))) == 0)
    let off = try #require(best(Array(stride(from: -60, through: 60, by: 5))))
    // A tenth of a semitone below middle C is less than this window resolves.
    #expect(abs(off) <= (pitch < 60 ? 25 : 15), "\(instrument) \(pitch) is \(off) cents off")
  }

  @Test(arguments: Instrument.allCases)
  func aNoteIsFiniteAndDiesAway(instrument: Instrument) throws {
    for pitch in instrument.range {
      let samples = instrument.note(pitch: pitch, seconds: 0.3, velocity: 1, seed: 9)
      #expect(samples.allSatisfy { $0.isFinite && abs($0) < 20 })
      let peak = try #require(samples.map(abs).max())
      let end = try #require(samples.suffix(24).map(abs).max())
      #expect(peak > 0.1 && end < 0.05 * peak, "\(instrument) \(pitch): \(end) of \(peak)")
    }
  }

  /// The seeds are two of those, one in ten million, whose noise gives an oscillator a phase that rounds to 1.
  @Test(arguments: [(.lead, 10_557_616), (.strings, 8_473_084)] as [(Instrument, UInt64)])
  func aNoteMayBeginWithAWholeCycle(instrument: Instrument, seed: UInt64) {
    let samples = instrument.note(pitch: 60, seconds: 0.05, seed: seed)
    #expect(!samples.isEmpty && samples.allSatisfy(\.isFinite))
  }

  @Test func louderNotesAreBrighter() {
    for instrument in [Instrument.brass, .guitar, .electricPiano, .lead] {
      let tilt = [Float(0.2), 1].map { velocity in
        let samples = instrument.note(pitch: 57, seconds: 0.5, velocity: velocity, seed: 4)
        let high = (4...20).reduce(0) { $0 + level(of: 220 * Double($1), in: samples) }
        return high / level(of: 220, in: samples)
      }
      #expect(tilt[1] > 1.2 * tilt[0], "\(instrument): \(tilt)")
    }
  }

  @Test(arguments: 0..<12)
  func everyPartIsAudible(index: Int) throws {
    let stems = CorpusPiece.stems(index: index, seed: 6)
    let labels = CorpusPiece.labels(index: index, seed: 6)
    #expect(Set(stems.keys.map(\.rawValue)) == Set(labels.instruments.keys))
    let levels = stems.mapValues { samples in
      10 * log10(samples.reduce(0) { $0 + $1 * $1 } / Float(samples.count))
    }
    let loudest = try #require(levels.values.max())
    for (part, level) in levels {
      #expect(level > loudest - 20, "\(part) lies \(loudest - level) dB below the loudest part")
    }
  }

  @Test func noPieceDependsOnItsNeighbours() {
    let together = (0..<3).map { CorpusPiece(index: $0, seed: 11).samples }
    for index in [2, 0, 1] {
      #expect(CorpusPiece(index: index, seed: 11).samples == together[index])
    }
  }
}
