import Pretrain

/// What the labels that students learned from are like, and what the students hold of the same things.
struct TeacherTable {
  struct Row {
    /// The run's place in the report.
    let run: Int
    /// `1 of 2, codebook 3`; empty of a teacher's only labels.
    let set: String
    let cells: [String]
  }

  let heads: [String]
  let rows: [Row]
  /// The tasks that ask the students for what the labels were held against.
  private let students: [String]

  /// The labels of the runs that keep what theirs are like.
  init(_ report: ComparisonReport) {
    let known = report.runs.enumerated().filter { !($1.labels ?? []).isEmpty }
    let labels = KnownLabel.allCases.filter { label in
      known.contains { $1.labels!.contains { $0.agreements.contains { $0.label == label } } }
    }
    students = labels.map(\.rawValue).filter(report.tasks.contains)
    heads =
      ["codes used", "perplexity"] + labels.map { "\($0.rawValue), PNMI in %" }
      + students.map { "\($0), student" }
    rows = known.flatMap { index, run in
      run.labels!.map { quality in
        Row(
          run: index, set: Self.set(quality, of: run.labels!),
          cells: Self.cells(quality, labels))
      }
    }
  }

  static let note =
    "How many codes the teacher uses, exp of their entropy, and how much of a known label of the same frames they tell "
    + "(mutual information as a share of the label's entropy, PNMI). More codes tell more by themselves. Beside it the score "
    + "of the student, which no code limits: it is probed, the codes are not."

  /// The student's scores on these tasks.
  func scores(of row: Row, _ report: ComparisonReport) -> [String] {
    students.map { task in
      report.probe(report.runs[row.run].name, .pretrained, on: task).map(report.score) ?? "–"
    }
  }

  private static func set(_ quality: LabelQuality, of all: [LabelQuality]) -> String {
    let stores = all.map(\.store).uniqued()
    let store = stores.count > 1 ? ["teacher \(stores.firstIndex(of: quality.store)! + 1)"] : []
    let books = all.count { $0.store == quality.store }
    let book = books > 1 ? ["codebook \(quality.codebook + 1)"] : []
    return (store + book).joined(separator: ", ")
  }

  private static func cells(_ quality: LabelQuality, _ labels: [KnownLabel]) -> [String] {
    [
      "\(Wording.grouped(quality.used)) of \(Wording.grouped(quality.codes))",
      Wording.significant(quality.perplexity),
    ]
      + labels.map { label in
        quality.agreements.first { $0.label == label }
          .map { ScoreUnit.percent.number($0.normalisedInformation) } ?? "–"
      }
  }
}
