import Tensor
import Train

/// The loss curves, a row of charts for each run.
struct CurveSection {
  let report: ComparisonReport

  var markup: Markup {
    let logged = report.runs.enumerated().filter { !$1.log.isEmpty }
    guard !logged.isEmpty else { return .empty }
    return """
      <section aria-labelledby="curves">
      <h2 id="curves">How the losses went</h2>
      <p>\(ReportNotes.curves)</p>
      \(logged.map { curves(of: $1, colour: $0) })
      </section>
      """
  }

  private func curves(of run: RunSummary, colour: Int) -> Markup {
    """
    <div class="run-\(colour % Palette.count)">
    <h3 class="run-head"><span class="swatch"></span>\(run.name)</h3>
    \(run.charts)
    </div>
    """
  }
}

extension RunSummary {
  /// The pace of the run, and a chart of each of its curves.
  var charts: Markup {
    """
    <p class="soft small">\(pace)</p>
    <div class="charts">
    \(curves.map(\.chart.markup))
    </div>
    """
  }
}

extension RunSummary {
  /// One logged value over the steps.
  struct Curve {
    let name: String
    let steps: [Int]
    let values: [Double]
    /// The same of held-out crops.
    var heldOut: [(step: Int, value: Double)] = []

    var chart: LossChart {
      LossChart(title: name, steps: steps, values: values, heldOut: heldOut)
    }
  }

  /// The total loss and then its terms by name. The only term of a loss is the loss, and is left out.
  /// Then the scores of probes.
  var curves: [Curve] {
    let total = Curve(
      name: "loss", steps: log.map(\.step), values: log.map { Double($0.loss) },
      heldOut: (validations ?? []).map { ($0.step, Double($0.validation.loss)) })
    let names = Set(log.flatMap(\.terms.keys)).sorted()
    return [total] + (names.count > 1 ? names.map(term) : []) + probeCurves
  }

  private func term(_ name: String) -> Curve {
    let points = log.filter { $0.terms[name] != nil }
    return Curve(
      name: name, steps: points.map(\.step),
      values: points.compactMap { $0.terms[name].map(Double.init) },
      heldOut: (validations ?? []).compactMap { record in
        record.validation.terms[name].map { (record.step, Double($0)) }
      })
  }

  private var probeCurves: [Curve] {
    let names = Set((probes ?? []).flatMap(\.probe.keys)).sorted()
    return names.map { name in
      let points = (probes ?? []).filter { $0.probe[name] != nil }
      return Curve(
        name: "probe of \(name)", steps: points.map(\.step),
        values: points.compactMap { $0.probe[name] })
    }
  }

  /// `2.1 M parameters · 700 steps in 3 min 34 s`
  var facts: String {
    let size = "\(Wording.size(parameters)) parameters"
    return trainings.isEmpty ? "\(size) · not trained here" : "\(size) · \(work)"
  }

  /// `700 steps in 3 min 34 s`; of several trainings, their time together. Updates that were left out are
  /// counted.
  private var work: String {
    let count = trainings.count
    let all = count > 1 ? ", \(Wording.count(count, "training"))" : ""
    let leftOut = trainings.reduce(0) { $0 + ($1.leftOut ?? 0) }
    let missing = leftOut > 0 ? " · \(Wording.count(leftOut, "update")) left out" : ""
    return "\(Wording.count(steps, "step"))\(all) in \(Wording.duration(seconds))\(missing)"
  }

  /// The work, and `0.42 s a step · 114 s of audio a second`: medians over the log.
  var pace: String {
    var parts = [work]
    if let median = log.map(\.secondsPerStep).median {
      parts.append("\(Wording.significant(median)) s a step")
    }
    if let median = log.map(\.audioSecondsPerSecond).median {
      parts.append("\(Wording.significant(median)) s of audio a second")
    }
    return parts.joined(separator: " · ")
  }
}
