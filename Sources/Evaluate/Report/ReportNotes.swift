/// Sentences that the page and the Markdown file share.
enum ReportNotes {
  static let probes =
    "Accuracy in %, the mean over the seeds with its 95 % interval. Every model is frozen and "
    + "probed at its best layer. The row to beat is the same model before training."

  static let differences =
    "Accuracy less that of the first run, in points, seed by seed: the mean with its 95 % interval. Marked "
    + "is what lies on one side of 0. Of twenty differences that are nothing, one is marked by chance."

  static let curves =
    "Thin: as logged. Thick: smoothed. Losses of different objectives are not on one scale; "
    + "only the course within a run means something."

  static let rule =
    "A model learned a task when its interval lies wholly above that of its own random "
    + "initialisation and the gain is at least 5 points, or a quarter of the error that was left, "
    + "whichever is less. Intervals are mean ± t · s / √n with Student's t for n − 1 degrees of "
    + "freedom, so few seeds make wide intervals."
}

/// The files that the runs left out, each once.
struct LeftOut {
  let files: [RunSummary.SkippedFile]

  init(_ runs: [RunSummary]) { files = runs.flatMap(\.skipped).uniqued() }

  var sentence: String {
    files.isEmpty
      ? "Nothing: every file could be used."
      : "\(Wording.count(files.count, "file")) could not be used; the rest was trained on."
  }
}
