import Train

/// Settings in which pairs of contenders differ, and in nothing else.
///
/// Mostly one setting. Several are one change where no contender has some of them alone: a longer training with a
/// longer schedule.
public struct SettingChange: Codable, Sendable, Hashable {
  /// One setting and its two values; nil where a recipe has no such setting.
  public struct Value: Codable, Sendable, Hashable {
    /// Where it stands: `mask.spanFrames`.
    public var path: String
    /// The first value.
    public var from: String?
    /// The other one.
    public var to: String?
  }

  /// In the order of the recipe.
  public var settings: [Value]

  /// `mask.spanFrames 10 → 5`
  var title: String { words { $0 } }

  /// `spanFrames 10 → 5`; of more than two settings the one that stands highest, and how many go with it.
  var shortTitle: String {
    guard settings.count > 2,
      let first = settings.min(by: { $0.path.count < $1.path.count })
    else { return words { String($0.split(separator: ".").last ?? "") } }
    return SettingChange(settings: [first]).shortTitle + " and \(settings.count - 1) more"
  }

  private func words(_ name: (String) -> String) -> String {
    settings.map { "\(name($0.path)) \($0.from ?? "–") → \($0.to ?? "–")" }
      .joined(separator: ", ")
  }
}

/// A change of settings with the pairs of contenders that differ in it alone.
struct ChangedPairs: Equatable {
  struct Pair: Equatable {
    let from: String
    let to: String
  }

  let change: SettingChange
  let pairs: [Pair]

  /// Two contenders that differ in more settings are two recipes rather than one with a change.
  static let mostSettings = 4

  /// All changes of some runs, by the first pair that shows each. Models that were not trained here have no part: their
  /// numbers do not tell how they were trained.
  ///
  /// Its first value is that of the contender named first. Of three values, the change between the second and the third
  /// is left out: it follows from theirs against the first.
  static func all(among runs: [RunSummary]) -> [ChangedPairs] {
    let contenders = runs.filter { !$0.trainings.isEmpty }.map(RecipeValues.init)
    var pairs: [SettingChange: [Pair]] = [:]
    var order: [SettingChange] = []
    for (place, a) in contenders.enumerated() {
      for b in contenders.dropFirst(place + 1) {
        guard let (change, pair) = oriented(a, b, among: contenders) else { continue }
        if pairs[change] == nil { order.append(change) }
        pairs[change, default: []].append(pair)
      }
    }
    return order.filter { change in !order.contains { change.follows(from: $0, in: order) } }
      .map { ChangedPairs(change: $0, pairs: pairs[$0]!) }
  }

  private static func oriented(
    _ a: RecipeValues, _ b: RecipeValues, among all: [RecipeValues]
  ) -> (SettingChange, Pair)? {
    let paths = a.differing(from: b)
    guard (1...mostSettings).contains(paths.count),
      !all.contains(where: { $0.lies(between: a, and: b, at: paths) })
    else { return nil }
    let isInOrder = all.place(of: a, at: paths) <= all.place(of: b, at: paths)
    let (from, to) = isInOrder ? (a, b) : (b, a)
    let change = SettingChange(
      settings: paths.map { .init(path: $0, from: from.values[$0], to: to.values[$0]) })
    return (change, Pair(from: from.name, to: to.name))
  }
}

/// A run by its settings, without those that change nothing it learns, and by the music that it was trained on.
private struct RecipeValues {
  let name: String
  let paths: [String]
  let values: [String: String]

  init(_ run: RunSummary) {
    let settings = run.recipe.filter {
      !["name", "seed"].contains($0.path) && !Recipe.isOperational($0.path)
    }
    let music = ReportNotes.words(for: run.music)
    let all = settings.map { ($0.path, $0.value) } + [("music", music)]
    (name, paths) = (run.name, all.map(\.0))
    values = Dictionary(all) { _, last in last }
  }

  func differing(from other: RecipeValues) -> [String] {
    (paths + other.paths).uniqued().filter { values[$0] != other.values[$0] }
  }

  /// Whether it has, of the settings in which two others differ, some as one and some as the other, and all else as
  /// both.
  func lies(between a: RecipeValues, and b: RecipeValues, at paths: [String]) -> Bool {
    let own = differing(from: a)
    return !own.isEmpty && own.count < paths.count
      && own.allSatisfy { paths.contains($0) && values[$0] == b.values[$0] }
  }
}

extension [RecipeValues] {
  /// The place of the first that has the same values of some settings as a contender.
  fileprivate func place(of contender: RecipeValues, at paths: [String]) -> Int {
    firstIndex { other in paths.allSatisfy { other.values[$0] == contender.values[$0] } } ?? 0
  }
}

extension SettingChange {
  /// Whether it leads from the result of one change to that of another which begins alike.
  fileprivate func follows(from first: SettingChange, in all: [SettingChange]) -> Bool {
    guard first.settings.map(\.path) == settings.map(\.path), first != self else { return false }
    let isAfter = first.settings.map(\.to) == settings.map(\.from)
    let direct = SettingChange(
      settings: zip(first.settings, settings).map { .init(path: $0.path, from: $0.from, to: $1.to) }
    )
    return isAfter && all.contains(direct)
  }
}
