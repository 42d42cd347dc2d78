extension PublishedTable {
  /// The results of MuQ's paper.
  ///
  /// The row of MERT-330M is copied from MERT's paper, except for structure. The published checkpoint of MuQ was
  /// trained on other data than these rows.
  package static let muq = PublishedTable(
    protocolName: "MuQ paper",
    source: "Zhu et al. 2025, arXiv 2501.01108, table of results on MARBLE",
    averaged: "the 11 columns of the table, structure among them",
    rows: [
      row(
        "MERT-330M",
        [
          78.6, 65.6, 61.2, 74.7, 87.1, 76.9, 91.3, 40.2, 72.6, 94.4,
        ], structure: 75.7, average: 74.4),
      row(
        "MusicFM",
        [
          83.8, 63.9, 60.3, 76.3, 92.0, 78.4, 91.3, 40.0, 76.2, 91.1,
        ], structure: 76.5, average: 75.4),
      row(
        "MuQ (Music4All, 0.9k h)",
        [
          84.0, 63.7, 60.0, 76.0, 95.2, 80.8, 91.1, 39.0, 76.9, 91.2,
        ], structure: 76.4, average: 75.8),
      row(
        "MuQ (160k h)",
        [
          85.5, 63.5, 60.9, 75.4, 95.8, 82.4, 91.4, 40.3, 79.2, 92.3,
        ], structure: 76.5, average: 76.7),
      row(
        "MuQ iter (160k h)",
        [
          85.6, 65.0, 62.8, 76.1, 96.2, 81.6, 91.4, 40.1, 79.7, 91.3,
        ], structure: 77.2, average: 77.0),
    ])

  /// - Parameter structure: Accuracy on HookTheory's song structure, percent.
  private static func row(
    _ model: String, _ cells: [Double?], structure: Double, average: Double
  ) -> PublishedRow {
    PublishedRow(
      model, cells, columns, otherTasks: ["HookTheoryStructure": structure], average: average)
  }

  private static let columns: [PublishedColumn] = .of(
    .gtzan, .gs, .emo, .vocalSetSinger, .vocalSetTechnique, .mtt, .nsynthInstrument, .nsynthPitch)
}
