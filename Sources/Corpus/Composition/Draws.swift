import Tensor

/// The random draws of the composer.
extension RandomStream {
  /// True with the given probability.
  mutating func chance(_ probability: Float) -> Bool {
    Float.random(in: 0..<1, using: &self) < probability
  }

  /// A uniform real number.
  mutating func uniform(_ range: ClosedRange<Float>) -> Float {
    Float.random(in: range, using: &self)
  }

  /// A positive number, uniform on a logarithmic axis; for times and frequencies.
  mutating func logUniform(_ range: ClosedRange<Float>) -> Float {
    range.lowerBound * power(range.upperBound / range.lowerBound, uniform(0...1))
  }

  /// A uniform integer.
  mutating func integer(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &self)
  }

  /// A uniform choice.
  mutating func pick<Choice>(_ choices: [Choice]) -> Choice {
    choices[Int.random(in: 0..<choices.count, using: &self)]
  }

  /// A choice with probability in proportion to its weight.
  mutating func pick<Choice>(weighted choices: [(choice: Choice, weight: Float)]) -> Choice {
    var left = uniform(0...1) * choices.reduce(0) { $0 + $1.weight }
    for (choice, weight) in choices {
      left -= weight
      if left <= 0 { return choice }
    }
    return choices[choices.count - 1].choice
  }

  /// A generator of white noise, seeded by one draw of this stream.
  mutating func noise() -> NoiseSource {
    NoiseSource(seed: UInt32(truncatingIfNeeded: next()))
  }
}
