extension PublishedTable {
  /// MARBLE's own results: frozen models, one hidden layer of 512, the grid of its constrained track.
  ///
  /// The last row takes each score from another paper with a protocol of its own. Jukebox did not finish the tasks of
  /// MTG-Jamendo within the week that the benchmark allows.
  package static let marble = PublishedTable(
    protocolName: "MARBLE v1, constrained track",
    source: "Yuan et al. 2023, arXiv 2306.10548v1, Tables 3 and 4",
    averaged: "the 14 tasks of MARBLE",
    rows: [
      row(
        "MusiCNN",
        [
          90.3, 37.8, 14.4, 73.5, nil, 44.4, 68.8, 72.6, 64.1, 70.3, 57.0,
          74.0, 17.2, 74.0, 12.6, 86.0, 17.5, 82.0, 27.5, nil, nil, nil, nil,
        ]),
      row(
        "CLMR",
        [
          89.5, 36.0, 14.8, 65.2, nil, 44.4, 70.3, 67.9, 47.0, 58.1, 49.9,
          73.5, 17.0, 73.5, 12.6, 84.6, 16.2, 81.3, 26.4, nil, nil, nil, nil,
        ]),
      row(
        "Jukebox-5B",
        [
          91.4, 40.6, 63.8, 77.9, nil, 57.0, 73.0, 70.4, 91.6, 76.7, 82.6,
          78.5, 22.0, 77.6, 15.3, 88.0, 20.5, 83.7, 30.6, nil, nil, nil, nil,
        ]),
      row(
        "MULE",
        [
          91.2, 40.1, 64.9, 75.5, nil, 60.7, 73.1, 74.6, 88.5, 75.5, 87.5,
          76.6, 19.2, 78.0, 15.4, 88.0, 20.4, 83.7, 30.6, nil, nil, nil, nil,
        ]),
      row(
        "Music2Vec",
        [
          90.0, 36.2, 50.6, 74.1, 68.2, 52.1, 71.0, 69.3, 93.1, 71.1, 81.4,
          76.1, 19.2, 76.7, 14.3, 87.1, 18.8, 83.0, 29.2, 5.5, 5.5, 4.1, 3.0,
        ], average: 59.9),
      row(
        "MERT-v0-95M",
        [
          90.7, 38.2, 64.1, 74.8, 88.3, 52.9, 69.9, 70.4, 92.3, 73.6, 77.0,
          76.6, 18.7, 75.9, 13.7, 86.9, 18.5, 82.8, 28.8, 5.6, 5.6, 4.0, 3.0,
        ], average: 62.3),
      row(
        "MERT-v0-95M-public",
        [
          90.7, 38.4, 67.3, 72.8, 88.1, 59.1, 72.8, 70.4, 92.3, 75.6, 78.0,
          77.5, 19.6, 76.2, 13.3, 87.2, 18.8, 83.0, 28.9, 5.5, 5.5, 3.7, 3.0,
        ], average: 63.0),
      row(
        "MERT-v1-95M",
        [
          91.0, 39.3, 63.5, 74.8, 88.3, 55.5, 76.3, 70.7, 92.6, 74.2, 83.7,
          77.5, 19.4, 76.4, 13.4, 87.1, 18.8, 83.0, 29.0, 5.5, 5.5, 3.8, 3.1,
        ], average: 63.3),
      row(
        "MERT-v1-330M",
        [
          91.1, 39.5, 61.7, 77.6, 87.9, 59.0, 75.8, 72.6, 94.4, 76.9, 87.1,
          78.1, 19.8, 76.5, 14.0, 86.7, 18.6, 83.4, 29.9, 5.3, 5.6, 3.6, 3.0,
        ], average: 64.2),
      row(
        "previous state of the art",
        [
          92.0, 41.4, 74.3, 83.5, 80.6, 61.7, 72.1, 78.2, 89.2, 65.6, 80.3,
          78.8, 20.2, 78.6, 16.1, 87.7, 20.3, 84.3, 32.1, 9.3, 10.8, 10.4, 6.4,
        ], average: 64.5),
    ])

  private static func row(
    _ model: String, _ cells: [Double?], average: Double? = nil
  ) -> PublishedRow {
    PublishedRow(model, cells, columns, average: average)
  }

  /// Those of Table 3, then those of Table 4.
  private static let columns: [PublishedColumn] =
    .of(
      .mtt, .gs, .gtzan, .gtzanBeats, .emo, .nsynthInstrument, .nsynthPitch, .vocalSetTechnique,
      .vocalSetSinger)
    + .of(.mtgInstrument, .mtgMood, .mtgGenre, .mtgTop50, .musdb18)
}
