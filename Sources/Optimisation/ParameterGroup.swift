import Models
import Settings

/// Parameters that are trained by numbers of their own: an entry of a recipe's `optimizer.groups`.
///
/// A group sets what it names; where several match a parameter, the last that names a number wins.
public struct ParameterGroup: Configuration {
  /// Which parameters, by their path or that of a part of the model that holds them: `encoder.extractor`. A `*`
  /// stands for any letters: `*.bias`, `encoder.transformer.layers.*.attention`.
  public var match = ""
  /// Factor of the learning rate.
  public var rate: Float?
  /// Decoupled weight decay; that of the optimiser unless given.
  public var weightDecay: Float?
  /// Whether they keep their first values: they have no gradients and no moments.
  public var frozen: Bool?

  /// A group of nothing.
  public init() {}

  /// Some parameters and the numbers of their own.
  ///
  /// - Parameters:
  ///   - match: Their paths.
  ///   - rate: Factor of the learning rate.
  ///   - weightDecay: Decoupled weight decay.
  ///   - frozen: Whether they keep their first values.
  public init(
    match: String, rate: Float? = nil, weightDecay: Float? = nil, frozen: Bool? = nil
  ) {
    (self.match, self.rate) = (match, rate)
    (self.weightDecay, self.frozen) = (weightDecay, frozen)
  }

  /// A path, and at least one number.
  public func validate() throws(InvalidSetting) {
    try require(!match.isEmpty, "match", "matches nothing; name a part of the model")
    try require(
      rate != nil || weightDecay != nil || frozen != nil, "",
      "sets nothing for '\(match.shortened)'; give rate, weightDecay or frozen")
    if let rate { try require(positive: "rate", rate) }
    if let weightDecay { try require(notNegative: "weightDecay", weightDecay) }
  }

  /// Whether it names a parameter or something around it.
  func matches(_ place: ParameterPlace) -> Bool { place.names.contains(where: matches) }

  /// Whether it is the whole of a name. After a mismatch the last star takes a letter more.
  private func matches(_ name: String) -> Bool {
    let (pattern, letters) = (Array(match.unicodeScalars), Array(name.unicodeScalars))
    var (i, j) = (0, 0)
    var star: (pattern: Int, letter: Int)?
    while j < letters.count {
      if i < pattern.count, pattern[i] == "*" {
        star = (i, j)
        i += 1
      } else if i < pattern.count, pattern[i] == letters[j] {
        (i, j) = (i + 1, j + 1)
      } else if let last = star {
        star = (last.pattern, last.letter + 1)
        (i, j) = (last.pattern + 1, last.letter + 1)
      } else {
        return false
      }
    }
    return pattern[i...].allSatisfy { $0 == "*" }
  }
}

extension ParameterPlace {
  /// Its path, and those of the modules around it, the outermost first.
  var names: [String] {
    let words = path.split(separator: ".")
    return (1...words.count).map { words.prefix($0).joined(separator: ".") }
  }
}
