/// The twelve pre-trainings of the study that compares music2vec with musicHuBERT.
///
/// Other music, other models (95 million parameters), other data to probe on and another protocol: its scores and those of
/// a comparison of one's own are not on one level. What may be compared is which recipe is the better one.
struct PublishedStudy {
  /// A row of its tables.
  struct Row {
    /// `music2vec` or `musichubert`.
    let family: String
    /// The name in the table.
    let name: String
    /// How the recipe of this row in `recipes/` ends: `span5`.
    let recipe: String
    /// In the order of `columns`, in %.
    let scores: [Double]
    /// The mean of nine tasks as printed; tagging and emotion are the mean of their two columns.
    let average: Double
  }

  static let source =
    "Ma et al., On the Effectiveness of Speech Self-supervised Learning for Music, ISMIR 2023, arXiv 2307.05161, tables 2 "
    + "and 3"

  static let columns = [
    "MTT ROC-AUC", "MTT AP", "key, GiantSteps", "genre, GTZAN", "valence R²", "arousal R²",
    "instrument, NSynth", "pitch, NSynth", "technique, VocalSet", "singer, VocalSet",
    "beat F1, GTZAN",
  ]

  static let rows = [
    music2vec(
      "vanilla", "vanilla", [89.1, 35.1, 19.0, 59.7, 38.5, 61.9, 69.4, 88.9, 68.3, 69.5, 33.5], 57.8
    ),
    music2vec(
      "span=5", "span5", [87.3, 32.0, 15.7, 47.6, 22.7, 41.2, 64.2, 84.8, 56.7, 53.8, 33.2], 49.7),
    music2vec(
      "span=15", "span15", [88.7, 34.3, 16.4, 56.6, 39.0, 58.8, 67.1, 88.1, 63.1, 61.9, 33.1], 55.2),
    music2vec(
      "prob=50", "prob50", [88.5, 34.0, 23.7, 59.3, 40.6, 55.0, 66.8, 87.7, 64.9, 61.7, 33.9], 56.3),
    music2vec(
      "prob=80", "prob80", [88.2, 33.9, 18.4, 50.3, 36.7, 55.7, 67.9, 88.9, 64.2, 65.2, 33.7], 55.1),
    music2vec(
      "step=800k", "step800k", [87.7, 32.7, 20.3, 54.5, 34.9, 47.3, 66.9, 87.5, 65.6, 65.1, 33.4],
      55.0),
    music2vec(
      "target=12", "target12", [89.7, 35.2, 26.5, 64.5, 41.7, 64.2, 71.1, 89.2, 71.0, 73.2, 34.1],
      60.6),
    music2vec(
      "crop5s", "crop5s", [90.0, 36.6, 18.5, 76.6, 53.4, 71.6, 68.3, 88.9, 71.3, 72.4, 33.9], 61.8),
    musicHuBERT(
      "k=2000, MFCC 39", "k2000-mfcc39",
      [90.2, 37.7, 14.7, 70.0, 42.1, 66.5, 69.3, 77.4, 65.9, 75.3, 88.6], 64.4),
    musicHuBERT(
      "k=2000, iteration 2", "k2000-iter2",
      [90.4, 37.5, 13.8, 68.3, 43.3, 67.4, 70.0, 80.3, 63.6, 70.4, 88.8], 63.8),
    musicHuBERT(
      "k=500, MFCC 39", "k500-mfcc39",
      [89.6, 36.1, 15.7, 64.5, 41.0, 67.7, 66.7, 76.8, 60.5, 72.3, 87.5], 62.4),
    musicHuBERT(
      "k=500, MFCC 60", "k500-mfcc60",
      [90.3, 38.0, 17.6, 69.7, 40.8, 67.5, 70.3, 79.0, 66.2, 75.5, 88.6], 65.0),
  ]

  private static func music2vec(
    _ name: String, _ recipe: String, _ scores: [Double], _ average: Double
  ) -> Row {
    Row(family: "music2vec", name: name, recipe: recipe, scores: scores, average: average)
  }

  private static func musicHuBERT(
    _ name: String, _ recipe: String, _ scores: [Double], _ average: Double
  ) -> Row {
    Row(family: "musichubert", name: name, recipe: recipe, scores: scores, average: average)
  }
}

extension PublishedStudy.Row {
  /// `music2vec, span=5`
  var title: String { (family == "music2vec" ? family : "musicHuBERT") + ", " + name }

  /// The place among all rows by the average, 1 being the best.
  var rank: Int { 1 + PublishedStudy.rows.count { $0.average > average } }

  /// Whether a run is of the recipe of this row, full or small, by its name.
  func names(_ run: RunSummary) -> Bool {
    run.family == family && run.name.hasSuffix(recipe)
  }
}

extension RunSummary {
  /// The family of the study that the recipe belongs to, by what it learns from; nil if to none of both.
  var family: String? {
    let paths = recipe.filter { !["null", "[]"].contains($0.value) }.map(\.path)
    func has(_ beginning: String) -> Bool { paths.contains { $0.hasPrefix(beginning) } }
    if has("objective.regression"), has("teacher.ema.") { return "music2vec" }
    let isMusicHuBERT = has("objective.codes") && has("teacher.kmeans") && !has("objective.cqt")
    return isMusicHuBERT ? "musichubert" : nil
  }
}

/// The published rows beside the contenders of the same recipes.
struct PublishedRows {
  struct Line {
    let row: PublishedStudy.Row
    /// The contender of this recipe and its mean rank here; nil if there is none.
    let contender: String?
    let meanRank: Double?
  }

  static let heads =
    ["published", "average", "rank", "in this report", "mean rank here"] + PublishedStudy.columns

  static let note =
    "Published, on other music, with models of 95 million parameters, other data to probe on and another protocol: the "
    + "level of these scores has nothing to do with those above. What may be compared is which recipe comes before which. "
    + "Scores in %; the average is that of the paper, over nine tasks. Source: \(PublishedStudy.source), digits as on the "
    + "authors' poster."

  /// All rows of the study; nothing unless the report has recipes of both families.
  let lines: [Line]

  init(_ report: ComparisonReport) {
    guard Set(report.runs.compactMap(\.family)).count == 2 else {
      lines = []
      return
    }
    let ranks = OverallRanks(report).rows
    lines = PublishedStudy.rows.map { row in
      let run = report.runs.first(where: row.names)
      return Line(
        row: row, contender: run?.name,
        meanRank: run.flatMap { run in ranks.first { $0.model == run.name }?.meanRank })
    }
  }
}
