import Audio
import Train

/// Sentences that the page and the Markdown file share.
enum ReportNotes {
  static func probes(_ report: ComparisonReport) -> String {
    "\(report.metricTitles.capitalisedFirst), the mean over the seeds with its 95 % interval. Every model is frozen and "
      + "probed at its best layer. The rows to beat are the same model before training and "
      + (report.statistics.count > 1
        ? "the best of the hand-made statistics, which no model made." : "the row without a model.")
  }

  /// What each interval covers, and what it does not.
  static func intervals(_ report: ComparisonReport) -> [String] {
    let once = report.runs.filter { $0.trainings.count < 2 }.map(\.name)
    let often = report.runs.filter { $0.trainings.count > 1 }
    let items = report.coversPieces
    let isFixed = report.probed?.parts == .fixed
    let noun = report.probed?.noun ?? "piece"
    let spread = isFixed ? "of the probes" : "of the folds"
    let dealt =
      isFixed ? "which weights the probes begin with" : "how the pieces are dealt into folds"
    let chosen = "the choice of the \(noun)s"
    let isSingle = report.probes.allSatisfy { $0.scores.count == 1 }
    var sentences: [String] = []
    if !often.isEmpty {
      let names = often.map { run in
        "\(run.name) (\(Wording.count(run.trainings.count, "training")))"
      }
      sentences.append(
        "Trained with several seeds: \(Wording.list(names)). Their intervals cover the spread of training and "
          + "\(spread) together\(items ? ", and the choice of the \(noun)s" : "").")
    }
    if !once.isEmpty {
      sentences.append(
        "Trained once: \(Wording.list(once)). "
          + coverage(isSingle ? (items ? [chosen] : []) : items ? [chosen, dealt] : [dealt])
          + " Another seed of the same recipe may lie far outside, so nothing "
          + "is marked as better or worse; --seeds 1 2 3 trains every recipe with three seeds.")
    }
    if isSingle {
      return sentences + [
        "Of a random initialisation and of hand-made statistics there is one score each, too. "
          + (items
            ? "No interval covers \(dealt), or other music."
            : "There are no intervals.")
      ]
    }
    sentences.append(
      "Of a random initialisation each seed has its own weights and \(isFixed ? "probes" : "folds"); hand-made statistics "
        + "have \(isFixed ? "probes" : "folds") alone. "
        + (items
          ? "All intervals cover the choice of \(noun)s of this kind of music; none covers other music."
          : "All seeds share the \(noun)s: no interval covers other music."))
    return sentences
  }

  private static func coverage(_ parts: [String]) -> String {
    parts.isEmpty
      ? "One score has no interval."
      : "These intervals cover only \(Wording.list(parts)), with the same weights each time."
  }

  /// What the models were trained on, one sentence; nothing if that is not known.
  static func music(_ runs: [RunSummary]) -> [String] {
    let known = runs.filter { !$0.music.isEmpty }
    let all = known.map(\.music).uniqued()
    if all.isEmpty { return [] }
    if all.count == 1 { return ["Trained on \(words(for: all[0]))."] }
    let parts = all.map { music in
      let names = known.filter { $0.music == music }.map(\.name)
      return "\(Wording.list(names)) on \(words(for: music))"
    }
    return ["The models were not trained on the same music: \(parts.joined(separator: "; "))."]
  }

  /// `600 files of corpus, 1 h 20 min`
  static func words(for music: [RunSummary.Music]) -> String {
    Wording.list(
      music.map {
        "\(Wording.count($0.files, "file")) of \($0.folder), \(Wording.duration($0.seconds))"
      })
  }

  /// Whether models were trained on what they are probed on; nothing if nothing was probed.
  static func heard(_ report: ComparisonReport) -> [String] {
    guard let probed = report.probed else { return [] }
    let names = report.runs.map(\.name)
    let unknown = names.filter { probed.heard[$0] == nil }
    let known = names.filter { probed.heard[$0] != nil }
    let heard = known.filter { probed.heard[$0] != 0 }
    var sentences = [
      "Probed on \(probed.count) of \(probed.folder)."
    ]
    if heard.isEmpty, !known.isEmpty {
      sentences.append(
        (unknown.isEmpty ? "No model" : "None of \(Wording.list(known))")
          + " was trained on any of them.")
    }
    if let most = heard.compactMap({ probed.heard[$0] }).max() {
      sentences.append(
        "Trained on the \(probed.noun)s that they are probed on (\(Wording.grouped(most)) of them, without their labels): "
          + "\(Wording.list(heard)). Random initialisations and hand-made statistics have not that advantage."
      )
    }
    if !unknown.isEmpty {
      sentences.append("What \(Wording.list(unknown)) was trained on is not known here.")
    }
    return sentences + starts(report.runs)
  }

  /// Which runs began as a trained model.
  private static func starts(_ runs: [RunSummary]) -> [String] {
    runs.compactMap { run in
      run.start.map {
        "\(run.name) did not begin at random but as \($0.name): what that model was trained on counts, too, and the "
          + "random initialisation is that of its encoder."
      }
    }
  }

  /// What the differences are, which runs have none, and by which seeds they are; nothing for a report of one run, or of
  /// single seeds.
  static func differences(_ report: ComparisonReport, _ all: [RunDifference]) -> [String] {
    let first = all.first?.baseline
    let missing = stopped(report, first: first)
    guard let baseline = first else { return missing }
    return [words(for: all, from: baseline, report)] + missing + unequalSeeds(report)
      + (report.sharesItems
        ? []
        : [
          "Models that could not use the same \(report.probed?.noun ?? "piece")s have no difference."
        ])
  }

  /// Which runs have no part in differences, because a training of them was stopped. Nothing if there would be none
  /// without that.
  private static func stopped(_ report: ComparisonReport, first baseline: String?) -> [String] {
    let names = report.runs.filter { !$0.stopped.isEmpty }.map(\.name)
    guard !names.isEmpty, report.runs.count > 1 else { return [] }
    let why = "Without \(Wording.list(names)), of which a training was stopped"
    guard let baseline else { return [why + ": there is nothing to compare."] }
    let isFirst = report.runs.first?.name == baseline
    return [why + (isFirst ? "." : ": \(baseline) is the first of the others.")]
  }

  /// Of which seeds the runs are, where they are not of the same.
  private static func unequalSeeds(_ report: ComparisonReport) -> [String] {
    let runs = report.runs.filter { $0.stopped.isEmpty && $0.trainings.count > 1 }
    let sets = runs.map { Set($0.trainings.map(\.seed)) }.uniqued()
    guard sets.count > 1 else { return [] }
    let parts = sets.map { seeds in
      let names = runs.filter { Set($0.trainings.map(\.seed)) == seeds }.map(\.name)
      return "\(Wording.list(names)) with \(Wording.list(seeds.sorted().map(String.init)))"
    }
    return [
      "Not all were trained with the same seeds: \(parts.joined(separator: "; ")). Trainings are "
        + "paired by the seeds that both have; where these are fewer than two, in the order of the seeds."
    ]
  }

  private static func words(
    for all: [RunDifference], from baseline: String, _ report: ComparisonReport
  ) -> String {
    let text =
      "\(report.metricNames.capitalisedFirst) less that of \(baseline), in \(report.differenceUnits)"
    let isJudged = all.contains { $0.repeats == .weights }
    let isPlain = all.contains { $0.repeats == .folds }
    let judged =
      report.coversPieces
      ? ", seed by seed and on the same pieces: the mean with its 95 % interval over trainings and pieces. Marked is what "
        + "would come by chance in less than one of twenty such tables without any difference (Holm's correction)."
      : ", seed by seed: the mean with its 95 % interval over trainings. Marked is what lies on one side of 0. Of "
        + "twenty differences that are nothing, one is marked by chance."
    let plain =
      "between single trainings: another seed of either recipe may turn the sign, so there is no interval and no "
      + "mark."
    switch (isJudged, isPlain) {
    case (true, true): return text + judged + " A difference without an interval is one " + plain
    case (true, false): return text + judged
    default: return text + ", " + plain
    }
  }

  static func courses(_ report: ComparisonReport) -> String {
    (report.courses == nil ? scoresOverCost : scoresOverTraining) + withoutStopped(report)
  }

  /// Which runs are left out, because a training of them was stopped.
  static func withoutStopped(_ report: ComparisonReport) -> String {
    let left = report.runs.filter { !$0.stopped.isEmpty }.map(\.name)
    return left.isEmpty ? "" : " Without \(Wording.list(left)), of which a training was stopped."
  }

  static let scoresOverTraining =
    "Kept checkpoints of the runs, each probed as the trained models are. A line begins at the random initialisation "
    + "(hollow). Dashed: guessing. Dotted: the best hand-made statistics. Hours heard are those of all crops; "
    + "operations are those of the products of the steps, without teachers and labels."

  static let scoresOverCost =
    "Each trained model over the hours of audio that went through it and over the operations of its training. A number is "
    + "the run's, at the end of a thread to its dot. Bars are 95 % intervals, drawn for up to six runs. Dashed: guessing. "
    + "Dotted: the best hand-made statistics."

  static func effects(_ report: ComparisonReport, _ all: [SettingEffect]) -> String {
    let text =
      "Each change in which contenders differ and in nothing else: the score after it less that before it, the mean over "
      + "all pairs that differ so. Several settings are one change where no contender has some of them alone. "
    let isJudged = all.contains { $0.repeats == .weights }
    let interval =
      isJudged
      ? "Intervals are those of the differences"
        + (report.coversPieces ? ", over trainings and pieces" : ", over trainings")
        + "; they do not cover how much an effect differs from pair to pair. Marked is what would come by chance in less "
        + "than one of twenty such reports (Holm's correction over all of them)."
      : "Between single trainings there is no interval and no mark: another seed may turn the sign."
    return ([text + interval + withoutStopped(report)] + unequalSeeds(report)).joined(
      separator: " ")
  }

  static let layers =
    "The score of each layer by itself, 0 being what enters the first; the dot is the layer that the validation parts "
    + "chose most often. The band reaches from the lowest to the highest seed. Dashed: guessing. "
    + layerChoice

  static let layersInWords =
    "The mean score of each layer by itself, 0 being what enters the first. " + layerChoice

  private static let layerChoice =
    "The table's scores rest on layers that the validation parts choose; to read off the best layer here is to choose it on "
    + "the test parts."

  static let jointCurves =
    "The mean over the seeds; the band reaches from the lowest to the highest of them. The number is the run's. Losses of "
    + "different objectives are not on one scale: runs share a chart where they have the same terms."

  static let curves =
    "Thin: as logged. Thick: smoothed. Dashed: held-out crops. Losses of different objectives are not on one scale; "
    + "only the course within a run means something. Of several seeds, the first is drawn."

  /// The rule of the verdicts; nothing if nothing was probed.
  static func rule(_ report: ComparisonReport) -> [String] {
    let metrics = report.metrics
    if metrics.isEmpty { return [] }
    let side = metrics.allSatisfy { $0.best > $0.worst } ? "above" : "on the better side of"
    let beaten =
      report.coversPieces
      ? "the interval of its difference from them, seed by seed and on the same pieces, lies wholly \(side) 0"
      : "its interval lies wholly \(side) theirs"
    let gains = metrics.map { $0.unit.roundDifference($0.leastGain) }.uniqued()
    return [
      "A recipe that was trained with several seeds learned a task, against its own random initialisations, when "
        + "\(beaten) and the gain is at least \(Wording.list(gains, "or")), or a quarter "
        + "of the error that was left, whichever is less. The best hand-made statistics are beaten by the same rule. "
        + "It became worse when the interval lies wholly on the other side and the loss is as large. "
        + "What was trained once is not judged.\(looks(report)) Intervals are "
        + (report.coversPieces
          ? "mean ± √(t² s² / n + t² v) with the variance s² over n seeds and v over pieces, each with Student's t of what "
            + "it was measured on, so few seeds that differ make wide intervals."
          : "mean ± t · s / √n with Student's t for n − 1 degrees of freedom, so few seeds make wide intervals.")
    ]
  }
}

extension ReportNotes {
  /// How many intervals the marks rest on, and how many of these chance alone marks; nothing if there are none.
  private static func looks(_ report: ComparisonReport) -> String {
    let count = report.outcomes.filter(\.isJudged).reduce(0) { $0 + ($1.standing == nil ? 1 : 2) }
    guard count > 0 else { return "" }
    return
      " These marks rest on \(Wording.count(count, "interval")), for the number of which they are not corrected: if there "
      + "were no difference at all, chance alone would put about \(Wording.fixed(0.05 * Double(count), 1)) of them (5 %) on "
      + "one side. The differences between contenders and the effects of settings are corrected."
  }
}

/// Files that were left out, each once.
struct LeftOut {
  let files: [Manifest.Skipped]
  /// That of the table of the files.
  let title: String
  private let consequence: String

  /// Those of the music that was trained on.
  init(_ runs: [RunSummary]) {
    (files, title) = (runs.flatMap(\.skipped).uniqued(), "Files left out of the training")
    consequence = "the rest was trained on"
  }

  /// Those of the music that was probed on.
  init(_ probed: ProbedMusic) {
    (files, title) = (probed.skipped, "Files left out of the probes")
    consequence = "the models were not probed on them"
  }

  var sentence: String {
    files.isEmpty
      ? "Nothing: every file could be used."
      : "\(Wording.count(files.count, "file")) could not be used; \(consequence)."
  }
}
