/// The published rows of the study that compares music2vec with musicHuBERT, apart from what was measured here.
struct PublishedSection {
  let report: ComparisonReport

  /// Nil unless recipes of both families are compared.
  var section: PageSection? {
    let lines = PublishedRows(report).lines
    guard !lines.isEmpty else { return nil }
    let heads = PublishedRows.heads.map { head -> Markup in #"<th scope="col">\#(head)</th>"# }
    return PageSection(
      id: "published", title: "What was published",
      body: """
        <p>\(PublishedRows.note)</p>
        <div class="scroll published" role="region" aria-label="Published scores" tabindex="0">
        <table>
        <caption>Published scores; not comparable in level with this report's</caption>
        <thead><tr>\(heads)</tr></thead>
        <tbody>
        \(lines.map(row))
        </tbody>
        </table>
        </div>
        """)
  }

  private func row(_ line: PublishedRows.Line) -> Markup {
    let numbers = line.row.scores.map { score -> Markup in "<td>\(Wording.fixed(score, 1))</td>" }
    return """
      <tr><th scope="row">\(line.row.title)</th><td>\(Wording.fixed(line.row.average, 1))</td>\
      <td>\(line.row.rank)</td><td>\(line.contender ?? "–")</td>\
      <td>\(line.meanRank.map { Wording.fixed($0, 1) } ?? "–")</td>\(numbers)</tr>
      """
  }
}
