import Audio

extension LeftOut {
  /// The sentence, and a table of the files, folded if it is long.
  var markup: Markup {
    let rows = files.map { file -> Markup in
      "<tr><th scope=\"row\"><code>\(file.path)</code></th><td>\(file.reason)</td></tr>"
    }
    let table: Markup = """
      <div class="scroll" role="region" aria-label="\(title)" tabindex="0">
      <table>
      <caption>\(title)</caption>
      <thead><tr><th scope="col">file</th><th scope="col">why</th></tr></thead>
      <tbody>
      \(rows)
      </tbody>
      </table>
      </div>
      """
    let folded: Markup = "<details><summary>Show them</summary>\(table)</details>"
    return """
      <p>\(sentence)</p>
      \(rows.isEmpty ? .empty : rows.count > 20 ? folded : table)
      """
  }
}
