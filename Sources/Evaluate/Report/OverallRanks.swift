/// The trained models over all tasks: the mean of their ranks, and of their scores where these have one unit.
///
/// Rank 1 is the best mean score on a task; equal ones share the mean of their ranks. The metrics of one task count as one
/// task, by the means of rank and score over them. Only models with a result on every
/// task are ranked, so that no one gains by what is missing.
struct OverallRanks {
  /// A model's place.
  struct Row: Equatable {
    let model: String
    let meanRank: Double
    /// Nil where the tasks' metrics have different units.
    let average: String?
  }

  /// The ranked models, in the order of the report; empty if there are fewer than two.
  let rows: [Row]

  init(_ report: ComparisonReport) {
    let tasks = report.tasks
    let results = report.runs.map(\.name).compactMap { name -> (String, [ProbeResult])? in
      let own = tasks.compactMap { report.probe(name, .pretrained, on: $0) }
      return own.count == tasks.count && own.allSatisfy(report.isComplete) ? (name, own) : nil
    }
    guard results.count > 1, !tasks.isEmpty else {
      rows = []
      return
    }
    rows = results.map { name, own in
      let ranks = own.indices.map { task in
        Self.rank(of: own[task], among: results.map { $0.1[task] })
      }
      let units = Set(own.map(\.metric.unit))
      let groups = own.map { $0.mainTask ?? $0.task }
      return Row(
        model: name, meanRank: Self.mean(ranks, by: groups),
        average: units.count == 1
          ? own[0].metric.unit.number(Self.mean(own.map(\.meanScore), by: groups)) : nil)
    }
  }

  /// The mean over the tasks of the means over the metrics of each.
  private static func mean(_ values: [Double], by tasks: [String]) -> Double {
    let means = tasks.uniqued().map { task in
      let own = zip(values, tasks).filter { $0.1 == task }.map(\.0)
      return own.reduce(0, +) / Double(own.count)
    }
    return means.reduce(0, +) / Double(means.count)
  }

  private static func rank(of result: ProbeResult, among all: [ProbeResult]) -> Double {
    let better = all.count { result.metric.isBetter($0.meanScore, than: result.meanScore) }
    let equal = all.count { $0.meanScore == result.meanScore }
    return Double(better) + Double(equal + 1) / 2
  }

  /// The words above the table.
  static let note =
    "Over all tasks: the mean rank among the trained models, 1 being the best on a task, and the mean score; a task with "
    + "several metrics counts once. Neither has an interval: a place apart in rank may be a matter of tenths."
}

extension ProbeSection {
  /// The table of ranks; nothing for a single model.
  var ranks: Markup {
    let ranks = OverallRanks(report).rows
    guard !ranks.isEmpty else { return .empty }
    let rows = ranks.map { row -> Markup in
      let style = RunStyle(index: report.runs.firstIndex { $0.name == row.model } ?? 0)
      return """
        <tr class="\(style.classes)"><th scope="row">\(style.swatch)\(row.model)</th><td>\(Wording.fixed(row.meanRank, 1))</td>\
        <td>\(row.average ?? "–")</td></tr>
        """
    }
    return """
      <p>\(OverallRanks.note)</p>
      <div class="scroll" role="region" aria-label="Ranks over all tasks" tabindex="0">
      <table>
      <caption>Over all tasks</caption>
      <thead><tr><th scope="col">model</th><th scope="col">mean rank</th>\
      <th scope="col">mean score</th></tr></thead>
      <tbody>
      \(rows)
      </tbody>
      </table>
      </div>
      """
  }
}
