/// Measures digital silence: ranges of 20 ms or more in which every sample is below
/// `AudioFile.silence`. Music has a little between its notes; whole minutes come from tools that
/// fill gaps with zeros.
struct SilentStretches {
  /// The samples in such ranges so far, without a range that has not ended yet.
  private(set) var samples = 0
  private let shortest: Int
  private var current = 0

  init(sampleRate: Int) { shortest = max(1, sampleRate / 50) }

  /// Adds the next samples of the signal.
  mutating func add(_ piece: [Float]) {
    for sample in piece {
      if abs(sample) < AudioFile.silence {
        current += 1
      } else if current > 0 {
        end()
      }
    }
  }

  /// Ends the current range, or the signal.
  mutating func end() {
    if current >= shortest { samples += current }
    current = 0
  }
}
