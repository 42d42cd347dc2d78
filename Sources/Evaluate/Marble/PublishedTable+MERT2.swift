extension PublishedTable {
  /// The results on the model card of MERT-v2.
  ///
  /// The rows of other models are copied there from the PupuJEPA paper.
  package static let mert2 = PublishedTable(
    protocolName: "MERT-v2 model card",
    source: "Model card of MERT-v2; other models as in arXiv 2606.25713 (PupuJEPA)",
    averaged: nil,
    rows: [
      row(
        "MERT-330M",
        [
          90.6, 37.9, 64.1, 77.6, 86.8, 56.7, 76.1,
          75.5, 18.8, 75.3, 13.5, 86.1, 18.0, 82.6, 29.1,
        ]),
      row(
        "Dasheng-1.2B",
        [
          91.5, 40.4, 58.0, 81.4, 87.7, 57.4, 75.0,
          75.0, 19.0, 76.1, 15.5, 85.5, 18.8, 82.4, 29.6,
        ]),
      row(
        "MuQ",
        [
          90.5, 38.5, 63.2, 83.8, 90.1, 58.3, 76.4,
          74.8, 19.1, 73.7, 13.2, 85.4, 19.1, 83.0, 30.2,
        ]),
      row(
        "MusicFM",
        [
          90.9, 38.3, 63.0, 84.1, 90.2, 57.2, 74.4,
          74.6, 18.5, 74.9, 14.1, 85.3, 19.4, 81.9, 29.7,
        ]),
      row(
        "AudioMAE++",
        [
          91.2, 39.5, 61.7, 80.3, 90.0, 59.0, 75.7,
          77.1, 19.9, 75.6, 14.0, 86.3, 18.9, 83.1, 31.1,
        ]),
      row(
        "MATPAC++",
        [
          90.6, 38.2, 63.7, 81.4, 90.1, 57.8, 74.7,
          77.2, 19.7, 75.1, 14.1, 85.7, 19.6, 82.5, 30.2,
        ]),
      row(
        "A-JEPA",
        [
          91.0, 39.2, 65.0, 83.8, 90.0, 57.4, 74.8,
          76.6, 19.3, 74.6, 14.3, 85.5, 19.2, 82.5, 29.6,
        ]),
      row(
        "PupuJEPA-L",
        [
          91.7, 40.8, 66.1, 86.9, 91.0, 62.5, 76.8,
          78.4, 21.2, 76.2, 15.3, 86.1, 20.1, 82.8, 30.5,
        ]),
      row(
        "PupuJEPA-H",
        [
          91.3, 39.7, 64.8, 85.9, 90.5, 62.0, 78.5,
          77.6, 20.5, 75.9, 14.7, 85.9, 20.1, 83.1, 30.7,
        ]),
      row(
        "MERT-v2-30s (632M)",
        [
          91.91, 41.29, 66.97, 91.72, 90.59, 63.23, 80.01,
          80.27, 22.89, 79.44, 16.68, 88.01, 21.22, 84.18, 32.17,
        ], chords: 78.48),
      row(
        "MERT-v2-FullSong",
        [
          91.74, 41.20, 67.05, 90.69, 90.57, 63.52, 78.14,
          80.27, 23.51, 78.74, 15.74, 87.98, 20.66, 84.13, 31.62,
        ], chords: 77.79),
    ])

  /// - Parameter chords: Accuracy on Chords1217, percent.
  private static func row(
    _ model: String, _ cells: [Double?], chords: Double? = nil
  ) -> PublishedRow {
    PublishedRow(
      model, cells, columns, otherTasks: chords.map { ["Chords1217": $0] } ?? [:])
  }

  private static let columns: [PublishedColumn] = .of(
    .mtt, .gs, .gtzan, .gtzanBeats, .emo, .mtgInstrument, .mtgMood, .mtgGenre, .mtgTop50)
}
