import Foundation

/// The results as one HTML page that needs nothing but itself.
struct MarblePage {
  let results: MarbleResults
  var date = Date()

  var markup: Markup {
    .page(
      title: results.setting.name, top: [header],
      [scores, choices, published, leftOut, making])
  }

  private var header: Markup {
    """
    <header>
    <h1>\(results.setting.name)</h1>
    <p class="soft">\(Wording.date(date)) · \(Wording.count(results.models.count, "model")) ·
    \(Wording.count(results.tasks.count, "task")) · \(results.machine.cpu),
    \(Wording.count(results.machine.cores, "core")) · \(results.machine.program)</p>
    </header>
    """
  }

  // MARK: - Scores

  private var scores: Markup {
    let models = results.models.enumerated().map { number, model -> Markup in
      """
      <th scope="col" class="run-\(number % Palette.count)"><span class="swatch"></span> \(model)</th>
      """
    }
    let heads: Markup = #"<th scope="col">task</th>\#(models)"#
    return """
      <section aria-labelledby="scores">
      <h2 id="scores">Scores on the test parts</h2>
      <p class="small soft">In grey the middle 95 % of the scores of 200 draws of the test files, then the layer. Bold is
      the highest of a row, whether or not intervals overlap. In the charts a dashed line is what guessing scores.</p>
      \(table("Scores by task and model", heads, tasks + [average]))
      <details open="open">
      <summary>\(Wording.count(charts.count, "chart"))</summary>
      <div class="charts">
      \(charts)
      </div>
      </details>
      </section>
      """
  }

  /// A group of rows for each task, one for each of its metrics.
  private var tasks: [Markup] {
    results.tasks.map { task in
      let rows = task.method.metrics.enumerated().map { number, metric -> Markup in
        let name: Markup =
          number == 0
          ? "<strong>\(task.name)</strong> <small>\(task.title), \(metric.name)</small>"
          : "<small>\(Markup.spoken("\(task.name): "))\(metric.name)</small>"
        return #"<tr><th scope="row">\#(name)</th>\#(cells(task, metric))</tr>"#
      }
      return #"<tbody class="group">\#(rows)</tbody>"#
    }
  }

  private func cells(_ task: MarbleTask, _ metric: TaskMetric) -> [Markup] {
    let values = results.models.map { results.value(of: $0, on: task.name, metric) }
    let best = values.compactMap { $0?.score }.filter(\.isFinite).max()
    return results.models.indices.map { number in
      guard let value = values[number] else { return #"<td class="absent">no score</td>"# }
      let score: Markup = "\(metric.unit.number(value.score))"
      let shown: Markup =
        value.score == best ? "<strong>\(score)</strong>\(Markup.spoken(", the highest"))" : score
      let layer = results.outcome(of: results.models[number], on: task.name)?.choice.layer
      return """
        <td>\(shown)\
        <small>\(value.range ?? "no interval")\(layer.map { ", \($0.inWords)" } ?? "")</small></td>
        """
    }
  }

  private var charts: [Markup] {
    results.tasks.flatMap { task in
      task.method.metrics.map { MarbleChart(results: results, task: task, metric: $0).markup }
    }
  }

  private var average: Markup {
    guard results.setting.isPublished else { return .empty }
    let cells = results.models.map { model -> Markup in
      guard let average = results.average(of: model) else {
        return #"<td class="absent">needs all 14 tasks</td>"#
      }
      return "<td><strong>\(Wording.fixed(average, 1))</strong></td>"
    }
    return """
      <tbody><tr><th scope="row"><strong>average</strong> <small>of the 14 tasks</small></th>\(cells)</tr></tbody>
      """
  }

  // MARK: - How they came about

  private var choices: Markup {
    """
    <section aria-labelledby="choices">
    <h2 id="choices">What the validation parts chose</h2>
    <details>
    <summary>\(Wording.count(results.outcomes.count, "choice"))</summary>
    \(plainTable("Choices", MarbleOutcome.Choice.heads, results.choices))
    </details>
    </section>
    """
  }

  private var published: Markup {
    let excerpts = results.published
    let nothing: Markup = "<p>\(MarbleResults.nothingPublished)</p>"
    return """
      <section aria-labelledby="published">
      <h2 id="published">Published scores</h2>
      \(excerpts.isEmpty ? nothing : .empty)
      \(excerpts.map { excerpt($0) })
      </section>
      """
  }

  /// One table, under its protocol.
  private func excerpt(_ excerpt: PublishedExcerpt) -> Markup {
    let table = excerpt.table
    return """
      <h3>\(table.protocolName)</h3>
      <p>Source: \(table.source). Not measured here. \(excerpt.averageInWords ?? "")</p>
      \(plainTable("Published scores by model, \(table.protocolName)", excerpt.heads, excerpt.rows))
      """
  }

  private var leftOut: Markup {
    """
    <section aria-labelledby="left-out">
    <h2 id="left-out">Data, and what was left out</h2>
    <ul>
    \(results.notes.map { note -> Markup in "<li>\(note)</li>" })
    </ul>
    \(omissions)
    </section>
    """
  }

  private var omissions: Markup {
    let rows = results.tasks.flatMap { task in
      (results.outcomes.first { $0.task == task.name }?.leftOut ?? []).map {
        [task.name, $0.item, $0.reason]
      }
    }
    guard !rows.isEmpty else { return .empty }
    return """
      <details>
      <summary>\(Wording.count(rows.count, "item")) left out</summary>
      \(plainTable("Items left out", ["task", "item", "why"], rows))
      </details>
      """
  }

  private var making: Markup {
    """
    <section aria-labelledby="making">
    <h2 id="making">How these numbers were made</h2>
    <p>\(results.setting.explanation(results.grid, of: results.tasks))</p>
    \(.commands(results.commands))
    </section>
    """
  }

  // MARK: - Tables

  private func plainTable(_ caption: String, _ heads: [String], _ rows: [[String]]) -> Markup {
    let lines = rows.map { cells -> Markup in
      let others = cells.dropFirst().map { cell -> Markup in "<td>\(cell)</td>" }
      return #"<tr><th scope="row">\#(cells[0])</th>\#(others)</tr>"#
    }
    let names = heads.map { head -> Markup in #"<th scope="col">\#(head)</th>"# }
    return table(caption, "\(names)", ["<tbody>\(lines)</tbody>"])
  }

  private func table(_ caption: String, _ heads: Markup, _ bodies: [Markup]) -> Markup {
    """
    <div class="scroll" role="region" aria-label="\(caption)" tabindex="0">
    <table>
    <caption>\(caption)</caption>
    <thead><tr>\(heads)</tr></thead>
    \(bodies)
    </table>
    </div>
    """
  }
}
