import Tensor

/// The draws a composer makes, in words.
extension RandomStream {
  /// True with the given probability.
  mutating func chance(_ probability: Float) -> Bool {
    Float.random(in: 0..<1, using: &self) < probability
  }

  /// A real number, evenly drawn.
  mutating func uniform(_ range: ClosedRange<Float>) -> Float {
    Float.random(in: range, using: &self)
  }

  /// A positive number, evenly drawn on a logarithmic axis: for times and frequencies.
  mutating func logUniform(_ range: ClosedRange<Float>) -> Float {
    range.lowerBound * power(range.upperBound / range.lowerBound, uniform(0...1))
  }

  /// A whole number, evenly drawn.
  mutating func integer(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &self)
  }

  /// One of the choices, evenly drawn.
  mutating func pick<Choice>(_ choices: [Choice]) -> Choice {
    choices[Int.random(in: 0..<choices.count, using: &self)]
  }

  /// One of the choices, drawn in proportion to its weight.
  mutating func pick<Choice>(weighted choices: [(choice: Choice, weight: Float)]) -> Choice {
    var left = uniform(0...1) * choices.reduce(0) { $0 + $1.weight }
    for (choice, weight) in choices {
      left -= weight
      if left <= 0 { return choice }
    }
    return choices[choices.count - 1].choice
  }

  /// A generator of audible noise, split off so that a note costs one draw of this stream.
  mutating func noise() -> NoiseSource {
    NoiseSource(seed: UInt32(truncatingIfNeeded: next()))
  }
}
