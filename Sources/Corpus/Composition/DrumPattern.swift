import Tensor

/// The drum strokes of one bar, on a grid of quarter beats.
struct DrumPattern: Sendable {
  /// The strokes of each drum, one character for a quarter beat: `x` loud, `o` soft, `-` none.
  private var lines: [(drum: Drum, steps: [Character])]

  private init(kick: String, snare: String, hat: String, open: String = "") {
    lines = [
      (.kick, Array(kick)), (.snare, Array(snare)), (.closedHat, Array(hat)),
      (.openHat, Array(open)),
    ]
  }

  private static let inFour = [
    DrumPattern(kick: "x-------x-------", snare: "----x-------x---", hat: "x-o-x-o-x-o-x-o-"),
    DrumPattern(kick: "x------x--x-----", snare: "----x-------x--o", hat: "x-x-x-x-x-x-x-x-"),
    DrumPattern(
      kick: "x---x---x---x---", snare: "----x-------x---", hat: "--------------o-",
      open: "--x---x---x---x-"),
    DrumPattern(kick: "x-----x-----x---", snare: "---x--x---x-x---", hat: "xoxoxoxoxoxoxoxo"),
    DrumPattern(kick: "x---------x-----", snare: "--------x-------", hat: "x-o-x-o-x-o-x-o-"),
    DrumPattern(kick: "x-x---o---x--x--", snare: "----x--o-o--x--o", hat: "x-x-x-x-x-x-x-x-"),
    DrumPattern(kick: "x-------o-------", snare: "", hat: "x---x-o-x---x-o-"),
    DrumPattern(kick: "x-----x-x-----x-", snare: "x--o--x---o-x---", hat: "xoxoxoxoxoxoxoxo"),
    DrumPattern(kick: "x-x-------xx----", snare: "----x--o-o--x---", hat: "x-x-x-x-x-x-x-x-"),
    DrumPattern(kick: "x--o--x---x--o--", snare: "----x-------x---", hat: "--x---x---x---x-"),
    DrumPattern(kick: "x-------x-x-----", snare: "--o-x--o--o-x--o", hat: "o-x-o-x-o-x-o-x-"),
  ]
  private static let inThree = [
    DrumPattern(kick: "x-----------", snare: "----x---x---", hat: "x---o---o---"),
    DrumPattern(kick: "x-----x-----", snare: "--------x---", hat: "x-o-x-o-x-o-"),
    DrumPattern(kick: "x---------o-", snare: "----o---x---", hat: "x-x-x-x-x-x-"),
  ]

  /// A random pattern for a bar, group by group, with a few strokes changed.
  static func drawn(for meter: Meter, using stream: inout RandomStream) -> DrumPattern {
    let four = stream.pick(inFour)
    let three = stream.pick(inThree)
    var pattern = DrumPattern(kick: "", snare: "", hat: "")
    for group in meter.groups {
      pattern.append(group == 3 ? three : four, steps: 4 * group)
    }
    for line in pattern.lines.indices {
      for step in pattern.lines[line].steps.indices where stream.chance(0.06) {
        pattern.lines[line].steps[step] = stream.pick(["-", "o", "x"])
      }
    }
    return pattern
  }

  /// Adds the first steps of a pattern; a line without strokes stays silent.
  private mutating func append(_ other: DrumPattern, steps: Int) {
    for line in lines.indices {
      let added = other.lines[line].steps.prefix(steps)
      lines[line].steps += added + [Character](repeating: "-", count: steps - added.count)
    }
  }

  /// The strokes of a bar that starts at `beat`.
  func hits(from beat: Float, using stream: inout RandomStream) -> [DrumHit] {
    lines.flatMap { drum, steps in
      steps.enumerated().compactMap { step, mark in
        guard mark != "-" else { return nil }
        let velocity = (mark == "x" ? 0.9 : 0.45) * stream.uniform(0.8...1.1)
        return DrumHit(drum: drum, beat: beat + Float(step) / 4, velocity: velocity)
      }
    }
  }

  /// A fill on toms and snare over the last beat before `end`.
  static func fill(before end: Float, using stream: inout RandomStream) -> [DrumHit] {
    (0..<4).compactMap { step in
      guard stream.chance(0.85) else { return nil }
      let drum: Drum = stream.chance(0.3) ? .snare : (step < 2 ? .highTom : .lowTom)
      return DrumHit(
        drum: drum, beat: end - 1 + Float(step) / 4, velocity: stream.uniform(0.6...1))
    }
  }
}
