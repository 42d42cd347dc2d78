import Models
import Settings

/// The numbers by which an optimiser trains each parameter of a model: those of its groups and of its depth.
///
/// With `layerDecay` `d` and `L` layers the rate of a parameter of depth `l` has the factor `d^(L + 1 - l)`: of the
/// last layer `d`, of what comes before the first `d^(L + 1)`, of what comes after the last, heads among it, 1.
///
/// Source: Bao et al. 2022 (BEiT), `optim_factory.py`; ELECTRA, `optimization.py`, has one power more.
public struct ParameterNumbers: Sendable {
  /// The numbers of a parameter.
  struct Numbers: Sendable, Equatable {
    /// Factor of the learning rate.
    var rate: Float = 1
    /// Decoupled weight decay.
    var weightDecay: Float
    /// Whether it keeps its first value.
    var isFrozen = false
  }

  private let numbers: [String: Numbers]

  /// Those of a model.
  /// - Throws: `InvalidSetting` if a group matches no parameter, or nothing is left to train; or if the model has no
  ///   layers for a `layerDecay`.
  public init(_ config: AdamW.Config, of model: some Module) throws(InvalidSetting) {
    let places = model.places
    try Self.check(config, places)
    let layers = places.compactMap(\.layer).max() ?? 0
    numbers = Dictionary(
      uniqueKeysWithValues: places.map { ($0.path, config.numbers(of: $0, layers: layers)) })
    guard numbers.values.contains(where: { !$0.isFrozen }) else {
      throw InvalidSetting("groups", "freeze every parameter, so that nothing is left to train")
    }
  }

  subscript(path: String) -> Numbers {
    guard let found = numbers[path] else {
      preconditionFailure("ParameterNumbers: '\(path)' is no parameter of the model of init")
    }
    return found
  }

  /// Whether a parameter keeps its first value.
  public func isFrozen(_ place: ParameterPlace) -> Bool { self[place.path].isFrozen }

  private static func check(
    _ config: AdamW.Config, _ places: [ParameterPlace]
  ) throws(InvalidSetting) {
    if config.layerDecay != 1, !places.contains(where: { $0.layer != nil }) {
      throw InvalidSetting("layerDecay", "the model has no layers; leave it out")
    }
    for (number, group) in config.groups.enumerated()
    where !places.contains(where: { group.matches($0) }) {
      let names = places.flatMap(\.names)
      let remedy =
        nearestName(to: group.match, among: names).map { "did you mean '\($0)'?" }
        ?? "there are: "
        + names.filter { $0.split(separator: ".").count < 3 }.unique.joined(
          separator: ", ")
      throw InvalidSetting(
        "groups[\(number)].match",
        "no parameter matches '\(group.match.shortened)'; \(remedy)")
    }
  }
}

extension Module {
  /// Where its parameters stand, in the order of `visit`.
  fileprivate var places: [ParameterPlace] {
    var all: [ParameterPlace] = []
    forEachParameter { place, _ in all.append(place) }
    return all
  }
}

extension ParameterPlace {
  /// The layer that it stands in, counted from 1; nil before and after the layers.
  fileprivate var layer: Int? {
    if case .layer(let number) = depth { number } else { nil }
  }

  /// The layers that it stands below, its own among them.
  fileprivate func layersFromHere(of layers: Int) -> Int {
    switch depth {
    case .beforeLayers: layers + 1
    case .layer(let number): layers + 1 - number
    case .afterLayers: 0
    }
  }
}

extension AdamW.Config {
  fileprivate func numbers(
    of place: ParameterPlace, layers: Int
  ) -> ParameterNumbers.Numbers {
    let matching = groups.filter { $0.matches(place) }
    let decay = (0..<place.layersFromHere(of: layers)).reduce(Float(1)) { rate, _ in
      rate * layerDecay
    }
    return ParameterNumbers.Numbers(
      rate: decay * (matching.last(of: \.rate) ?? 1),
      weightDecay: matching.last(of: \.weightDecay)
        ?? (decays.includes(place.role) ? weightDecay : 0),
      isFrozen: matching.last(of: \.frozen) ?? false)
  }
}

extension [ParameterGroup] {
  /// What the last group that sets a number sets it to.
  fileprivate func last<Value>(of number: KeyPath<ParameterGroup, Value?>) -> Value? {
    last { $0[keyPath: number] != nil }?[keyPath: number]
  }
}

extension [String] {
  /// Each once, in order.
  fileprivate var unique: [String] {
    var seen: Set<String> = []
    return filter { seen.insert($0).inserted }
  }
}
