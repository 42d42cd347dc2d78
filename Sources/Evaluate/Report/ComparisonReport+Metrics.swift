/// How a report names its metrics: usually there is one, and sentences are about that.
extension ComparisonReport {
  /// The metrics of its tasks, each once.
  var metrics: [Metric] { probes.map(\.metric).uniqued() }

  /// How a task is scored.
  func metric(of task: String) -> Metric? { probes.first { $0.task == task }?.metric }

  /// The score of guessing on a task, in a table's cell.
  func chanceCell(of task: String) -> String {
    guard let metric = metric(of: task), let chance = chance(of: task) else { return "–" }
    return metric.unit.number(chance)
  }

  /// `accuracy and weighted key score`
  var metricNames: String { Wording.list(metrics.map(\.name)) }

  /// `accuracy in %`; of several metrics with their tasks, `accuracy in % (pitch) and weighted key score in % (key)`.
  var metricTitles: String {
    if metrics.count == 1 { return metrics[0].title }
    return Wording.list(
      metrics.map { metric in
        let tasks = tasks.filter { self.metric(of: $0) == metric }
        return "\(metric.title) (\(Wording.list(tasks)))"
      })
  }

  /// What differences are counted in: `points`.
  var differenceUnits: String { Wording.list(metrics.map(\.unit.differences).uniqued()) }
}

extension Metric {
  /// The name with the unit: `accuracy in %`.
  var title: String {
    unit.symbol.isEmpty ? name : "\(name) in \(unit.bareSymbol)"
  }
}
