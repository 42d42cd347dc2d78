import Foundation

/// The beats and downbeats of a recording, seconds, ascending.
struct BeatAnnotation {
  let beats: [Double]
  let downbeats: [Double]

  /// The times of a JAMS file (Humphrey et al. 2014): its first annotation of beats and its first of downbeats. A file
  /// without downbeats has none.
  /// - Throws: `Unusable` if the file is no JAMS or has no beats.
  init(jams: Data) throws(Unusable) {
    guard let file = try? JSONDecoder().decode(JAMS.self, from: jams) else {
      throw Unusable("its JAMS file is broken")
    }
    try self.init(beats: file.times(of: .beat), downbeats: file.times(of: .downbeat))
  }

  /// Rows of a time and, behind blanks or a tab, the position in the bar, which is 1 for a downbeat.
  /// - Throws: `Unusable` if a row is something else or there is none.
  init(rows: [String]) throws(Unusable) {
    var (beats, downbeats): ([Double], [Double]) = ([], [])
    for row in rows {
      let cells = row.split(whereSeparator: \.isWhitespace).map { Double($0) }
      guard cells.count == 2, let time = cells[0], let position = cells[1] else {
        throw Unusable("'\(row)' is no time and position of a beat")
      }
      beats.append(time)
      if position == 1 { downbeats.append(time) }
    }
    try self.init(beats: beats, downbeats: downbeats)
  }

  private init(beats: [Double], downbeats: [Double]) throws(Unusable) {
    guard !beats.isEmpty else { throw Unusable("no beats") }
    let day = 0.0...86_400
    if let odd = (beats + downbeats).first(where: { !day.contains($0) }) {
      throw Unusable("a beat at \(odd) s")
    }
    (self.beats, self.downbeats) = (beats.sorted(), downbeats.sorted())
  }
}

/// The part of a JAMS file that holds beats.
private struct JAMS: Decodable {
  let annotations: [Annotation]

  func times(of kind: Annotation.Kind) -> [Double] {
    annotations.first { $0.kind == kind }?.times ?? []
  }

  struct Annotation: Decodable {
    enum Kind: String, Decodable { case beat, downbeat }

    /// Nil for others: tempi, metres, eighth notes.
    let kind: Kind?
    let times: [Double]

    private enum CodingKeys: CodingKey { case namespace, sandbox, data }

    init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: CodingKeys.self)
      let namespace = try? values.decode(String.self, forKey: .namespace)
      let sandbox = try? values.decode(Sandbox.self, forKey: .sandbox)
      kind = namespace == "beat" ? sandbox?.kind : nil
      times = kind == nil ? [] : try values.decode(Observations.self, forKey: .data).times
    }
  }

  private struct Sandbox: Decodable {
    let kind: Annotation.Kind

    private enum CodingKeys: String, CodingKey { case kind = "annotation_type" }
  }

  /// A list of observations, or, in older files, an object with a list of times.
  private struct Observations: Decodable {
    let times: [Double]

    private struct Observation: Decodable { let time: Double }
    private struct Columns: Decodable { let time: [Double] }

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if let columns = try? value.decode(Columns.self) {
        times = columns.time
      } else {
        times = try value.decode([Observation].self).map(\.time)
      }
    }
  }
}
