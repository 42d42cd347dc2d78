import Foundation

/// The beats of `GTZANFixture`, two a second, every second one a downbeat.
///
/// `blues.00001` has no downbeats, `blues.00002` a beat behind the end of its audio, `jazz.00000` its data in columns
/// and `rock.00000` a text file.
enum GTZANRhythmFixture {
  /// Writes `GTZAN` and `GTZAN-Rhythm` into a folder.
  static func write(to root: URL, seconds: Double = 2) throws {
    try GTZANFixture.write(to: root, seconds: seconds)
    for genre in ["blues", "jazz", "rock"] {
      for number in 0..<9 { try writeJAMS("\(genre).0000\(number)", to: root) }
    }
    try writeJAMS("blues.00001", downbeats: nil, to: root)
    try writeJAMS("blues.00002", beats: [0, 0.5, 1, 1.5, 2.5], to: root)
    try writeJAMS("jazz.00000", columns: true, to: root)
    try FileManager.default.removeItem(at: file(of: "rock.00000", below: root))
    try writeFile(
      "0.0\t1\n0.5\t2\n1.0\t1\n1.5\t2\n",
      to: root.appendingPathComponent("GTZAN-Rhythm/beats/gtzan_rock_00000.beats"))
  }

  /// The JAMS file of an excerpt.
  static func file(of name: String, below root: URL) -> URL {
    root.appendingPathComponent(
      "GTZAN-Rhythm/GTZAN-Rhythm_v2_ismir2015_lbd/jams/\(name).wav.jams")
  }

  /// Writes the JAMS file of an excerpt.
  static func writeJAMS(
    _ name: String, beats: [Double] = [0, 0.5, 1, 1.5], downbeats: [Double]? = [0, 1],
    columns: Bool = false, to root: URL
  ) throws {
    let tempo = #"{"namespace": "tempo", "data": [{"time": 0.0, "value": 120}], "sandbox": {}}"#
    let eighths = annotation("eighth-note", [0, 0.25], columns: columns)
    let beats = annotation("beat", beats, columns: columns)
    let others = downbeats.map { [annotation("downbeat", $0, columns: columns)] } ?? []
    let all = ([tempo, eighths, beats] + others).joined(separator: ", ")
    try writeFile(
      #"{"file_metadata": {"title": "T"}, "annotations": [\#(all)]}"#,
      to: file(of: name, below: root))
  }

  private static func annotation(_ kind: String, _ times: [Double], columns: Bool) -> String {
    let rows = times.map { #"{"time": \#($0), "duration": 0, "value": 1, "confidence": null}"# }
    let data = columns ? #"{"time": \#(times), "value": []}"# : "[\(rows.joined(separator: ", "))]"
    return """
      {"namespace": "beat", "sandbox": {"annotation_type": "\(kind)"}, "data": \(data)}
      """
  }
}
