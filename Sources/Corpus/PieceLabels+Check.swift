extension PieceLabels {
  /// The tolerance for times after the end of the piece, seconds. Labels made by hand or by other
  /// programs are rounded, and compressed audio ends a little early or late.
  public static let slack = 0.1

  /// The first contradiction in the labels of this piece, in a few words; nil if there is none.
  ///
  /// Checks the times of chords, notes, sections, beats and downbeats (finite, in order, within the piece),
  /// pitch classes (0…11) and MIDI numbers (0…127).
  public var contradiction: String? {
    if file.isEmpty { return "file is empty" }
    if leavesFolder { return "file '\(file)' leaves the folder of the labels" }
    if !(seconds.isFinite && seconds > 0) { return "seconds must be above 0, is \(seconds)" }
    if !(tempo.isFinite && tempo > 0) { return "tempo must be above 0, is \(tempo)" }
    if !(0..<12).contains(key.tonic) { return "key.tonic must be 0 to 11, is \(key.tonic)" }
    return contradictionInChords ?? contradictionInNotes ?? contradictionInSections
      ?? contradiction(in: beats, "beats") ?? contradiction(in: downbeats, "downbeats")
  }

  /// Whether the file's path leads out of the folder of the labels.
  private var leavesFolder: Bool {
    var depth = 0
    for part in file.split(separator: "/") where part != "." {
      depth += part == ".." ? -1 : 1
      if depth < 0 { return true }
    }
    return file.hasPrefix("/")
  }

  private var contradictionInChords: String? {
    for (i, chord) in chords.enumerated() {
      if let problem = problem(from: chord.start, to: chord.end) {
        return "chords[\(i)] \(problem)"
      }
      if !(0..<12).contains(chord.root) {
        return "chords[\(i)].root must be 0 to 11, is \(chord.root)"
      }
    }
    return nil
  }

  private var contradictionInNotes: String? {
    for (i, note) in notes.enumerated() {
      if let problem = problem(from: note.start, to: note.end) { return "notes[\(i)] \(problem)" }
      if !(0..<128).contains(note.pitch) {
        return "notes[\(i)].pitch must be 0 to 127, is \(note.pitch)"
      }
    }
    return nil
  }

  private var contradictionInSections: String? {
    if let tuning, !tuning.isFinite { return "tuning must be a number, is \(tuning)" }
    for (i, section) in (sections ?? []).enumerated() {
      if let problem = problem(from: section.start, to: section.end) {
        return "sections[\(i)] \(problem)"
      }
    }
    return nil
  }

  private func contradiction(in times: [Double], _ name: String) -> String? {
    for (i, time) in times.enumerated() {
      if !(0...seconds + Self.slack).contains(time) {
        return "\(name)[\(i)] lies at \(time) s, outside the piece of \(seconds) s"
      }
      if i > 0, time <= times[i - 1] {
        return "\(name)[\(i)] at \(time) s does not follow the one before it at \(times[i - 1]) s"
      }
    }
    return nil
  }

  private func problem(from start: Double, to end: Double) -> String? {
    if !(start < end) { return "ends at \(end) s, not after its start at \(start) s" }
    if !(start >= 0 && end <= seconds + Self.slack) {
      return "lasts from \(start) to \(end) s, outside the piece of \(seconds) s"
    }
    return nil
  }
}
