/// How often the validation parts of all folds and seeds chose a layer.
public struct LayerVotes: Codable, Sendable, Equatable {
  /// The layer; nil of a learned mean of all.
  public var layer: Int?
  /// How often.
  public var count: Int

  /// Stores both.
  public init(layer: Int?, count: Int) { (self.layer, self.count) = (layer, count) }
}

extension [LayerVotes] {
  /// One vote for each choice, by rising layer, those for the mean last.
  init(_ choices: [Int?]) {
    let counts = choices.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    self = counts.map { LayerVotes(layer: $0.key, count: $0.value) }
      .sorted { ($0.layer ?? .max) < ($1.layer ?? .max) }
  }

  /// Those of several trainings together; nil if they are not known of all.
  static func joined(_ parts: [[LayerVotes]?]) -> [LayerVotes]? {
    let known = parts.compactMap(\.self)
    guard known.count == parts.count else { return nil }
    return [LayerVotes](
      known.joined().flatMap { [Int?](repeating: $0.layer, count: $0.count) })
  }

  /// The layer with most votes, the lowest of equals; nil if that is the mean, or there are none.
  var chosen: Int? {
    self.max { ($0.count, $1.layer ?? .max) < ($1.count, $0.layer ?? .max) }?.layer
  }
}
