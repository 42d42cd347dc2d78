import Train

/// One logged value over the steps of all trainings of a recipe: the mean over the seeds, and between which of them it
/// lies.
///
/// A long log is cut into stretches of steps; of each, a seed's value is its mean there.
public struct SeedCourse: Codable, Sendable, Equatable {
  /// Some steps, and what the seeds' means over them are.
  public struct Point: Codable, Sendable, Equatable {
    /// The last of the steps that was logged.
    public var step: Int
    /// The mean over the seeds.
    public var mean: Double
    /// The lowest seed.
    public var low: Double
    /// The highest seed.
    public var high: Double
    /// How many seeds there are: a stopped one is missing after its last step.
    public var seeds: Int

    /// Stores all parts.
    public init(step: Int, mean: Double, low: Double, high: Double, seeds: Int) {
      (self.step, self.mean, self.seeds) = (step, mean, seeds)
      (self.low, self.high) = (low, high)
    }
  }

  /// What was logged: `loss`, the name of a term, or `gradient norm`.
  public var name: String
  /// By rising step.
  public var points: [Point]

  /// Stores both.
  public init(name: String, points: [Point]) { (self.name, self.points) = (name, points) }
}

extension SeedCourse {
  /// How many stretches a log is cut into at most.
  static let resolution = 120

  /// The courses of everything that some logs hold: the loss, its terms by name, the gradient norm. Values that are not
  /// finite are left out; nothing is left of what has no other.
  package static func all(in logs: [[StepRecord]]) -> [SeedCourse] {
    let terms = Set(logs.joined().flatMap(\.terms.keys)).sorted()
    let total = course("loss", logs) { Double($0.loss) }
    let norm = course("gradient norm", logs) { Double($0.gradientNorm) }
    // The only term of a loss is the loss.
    let parts = (terms.count > 1 ? terms : []).map { term in
      course(term, logs) { $0.terms[term].map(Double.init) }
    }
    return ([total] + parts + [norm]).filter { !$0.points.isEmpty }
  }

  private static func course(
    _ name: String, _ logs: [[StepRecord]], _ value: (StepRecord) -> Double?
  ) -> SeedCourse {
    let last = logs.compactMap(\.last?.step).max() ?? 0
    let length = max(1, (last + resolution - 1) / resolution)
    var stretches: [Int: (step: Int, means: [Double])] = [:]
    for log in logs {
      let known = log.compactMap { record in
        value(record).flatMap { $0.isFinite ? (step: record.step, value: $0) : nil }
      }
      for (stretch, values) in Dictionary(grouping: known, by: { ($0.step - 1) / length }) {
        let mean = values.reduce(0) { $0 + $1.value } / Double(values.count)
        let earlier = stretches[stretch] ?? (0, [])
        stretches[stretch] = (max(earlier.step, values.last!.step), earlier.means + [mean])
      }
    }
    return SeedCourse(
      name: name, points: stretches.sorted { $0.key < $1.key }.map { Point($1.step, $1.means) })
  }
}

extension SeedCourse.Point {
  fileprivate init(_ step: Int, _ means: [Double]) {
    self.init(
      step: step, mean: means.reduce(0, +) / Double(means.count), low: means.min()!,
      high: means.max()!, seeds: means.count)
  }
}
