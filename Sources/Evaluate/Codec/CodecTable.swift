import Pretrain

/// A codec's measures as text: a row for each number of codebooks.
struct CodecTable {
  private let measures: CodecMeasures

  init(_ measures: CodecMeasures) { self.measures = measures }

  static let heads = [
    "codebooks", "kbit/s", "entries used", "perplexity", "bitrate efficiency", "SI-SDR",
    "log-mel distance",
  ]

  /// What was measured, a sentence.
  var sentence: String {
    "\(Wording.duration(measures.seconds)) of audio, \(Wording.count(measures.frames, "frame")) of codes."
  }

  /// What the columns mean.
  static let notes = """
    Each row is of the first codebooks of the codec together; entries used and perplexity are those of the last of \
    them. Perplexity is the number of equally frequent entries that would be as varied. Bitrate efficiency is the \
    entropy of the codes divided by their bits. SI-SDR is the scale-invariant ratio of signal to distortion of \
    segments of 5 s; the log-mel distance is the mean absolute difference of the logarithms of 80 mel bands. Higher is \
    better for all but the last.
    """

  var rows: [[String]] { measures.rows.map(row) }

  private func row(_ row: CodecMeasures.Row) -> [String] {
    [
      "\(row.codebooks)", Wording.significant(row.kilobitsPerSecond),
      "\(Wording.grouped(row.entriesUsed)) (\(percent(Double(row.entriesUsed) / Double(measures.entries))))",
      Wording.fixed(row.perplexity, row.perplexity < 100 ? 1 : 0),
      percent(row.bitrateEfficiency),
      row.signalToDistortion.map { Wording.fixed($0, 2) + "\u{00A0}dB" } ?? "–",
      row.logMelDistance.map { Wording.fixed($0, 3) } ?? "–",
    ]
  }

  private func percent(_ share: Double) -> String { Wording.fixed(100 * share, 1) + "\u{00A0}%" }

  /// The table with its notes.
  var markup: Markup {
    let heads = Self.heads.map { head -> Markup in #"<th scope="col">\#(head)</th>"# }
    return """
      <p>\(sentence) \(Self.notes)</p>
      <div class="scroll" role="region" aria-label="Measures of each number of codebooks" tabindex="0">
      <table>
      <caption>Measures of each number of codebooks</caption>
      <thead><tr>\(heads)</tr></thead>
      <tbody>
      \(rows.map(line))
      </tbody>
      </table>
      </div>
      """
  }

  private func line(_ row: [String]) -> Markup {
    let cells = row.dropFirst().map { cell -> Markup in "<td>\(cell)</td>" }
    return #"<tr><th scope="row">\#(row[0])</th>\#(cells)</tr>"#
  }
}
