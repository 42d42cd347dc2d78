import Tensor

extension RandomStream {
  /// True once in `count` times.
  mutating func once(in count: Int) -> Bool { Int.random(in: 0..<count, using: &self) == 0 }

  /// One of some values.
  mutating func one<Value>(of values: [Value]) -> Value { values.randomElement(using: &self)! }

  /// A number at which counts, sizes and sums break.
  mutating func oddInteger() -> Int {
    let near = one(of: [
      0, 1, -1, 127, 255, 256, 32_767, 65_535, 65_536, 1 << 20, 1 << 31, 1 << 32, 1 << 40, 1 << 53,
      .max, .min, .max / 4, .max / 8,
    ])
    return once(in: 2) ? near : near &+ Int.random(in: -2...2, using: &self)
  }

  /// A number that arithmetic does not like.
  mutating func oddNumber() -> Double {
    one(of: [
      .nan, .infinity, -.infinity, 0, -0.0, .leastNonzeroMagnitude, 1e-40, 3.4e38, 1e39, 1.7e308,
      -1, 0.5, 1e-7,
    ])
  }

  /// A text that breaks lines, names and paths; now and then a long one.
  mutating func oddText() -> String {
    let text = one(of: [
      "", "\n", "\0", "a\r\nb", "../../x", "/etc/passwd", "é", "e\u{301}", "🎹", "\u{FEFF}a", "\"",
      "\\",
      "__metadata__", "NaN", "1e999", "%s%n", "\u{2028}", "null",
      String(repeating: "a", count: 300),
    ])
    return once(in: 50) ? String(repeating: text + "x", count: 5000) : text
  }
}
