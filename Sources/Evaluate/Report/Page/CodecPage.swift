/// The page of a codec's evaluation.
struct CodecPage {
  let report: CodecReport

  var markup: Markup {
    .page(title: "Codec \(report.model)", top: [header], [measures, files, making])
  }

  private var header: Markup {
    """
    <header>
    <h1>Codec \(report.model)</h1>
    <p class="soft">\(Wording.date(report.date)) · \(report.machine.cpu),
    \(Wording.count(report.machine.cores, "core")) · \(report.machine.program)</p>
    </header>
    """
  }

  private var measures: Markup {
    """
    <section aria-labelledby="measures">
    <h2 id="measures">How well it reconstructs</h2>
    \(CodecTable(report.measures).markup)
    </section>
    """
  }

  private var files: Markup {
    let names = report.files.map { file -> Markup in "<li><code>\(file)</code></li>" }
    return """
      <section aria-labelledby="files">
      <h2 id="files">On which music</h2>
      <details>
      <summary>\(Wording.count(report.files.count, "file"))</summary>
      <ul>
      \(names)
      </ul>
      </details>
      </section>
      """
  }

  private var making: Markup {
    guard let commands = report.commands, !commands.isEmpty else { return .empty }
    return """
      <section aria-labelledby="making">
      <h2 id="making">How these numbers were made</h2>
      \(.commands(commands))
      </section>
      """
  }
}
