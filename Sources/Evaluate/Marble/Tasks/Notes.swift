import Foundation

extension MarbleTask {
  /// The instrument family of NSynth's notes.
  static let instrument = notes(
    "NSynthI", title: "instrument of a note", read: NSynth.readFamilies)

  /// The MIDI pitch of NSynth's notes.
  static let pitch = notes("NSynthP", title: "pitch of a note", read: NSynth.readPitches)

  /// Whole notes.
  private static func notes(
    _ name: String, title: String,
    read: @escaping @Sendable (_ root: URL) throws(DatasetError) -> LabelledDataset
  ) -> MarbleTask {
    MarbleTask(
      name, title: title, on: NSynth.card,
      by: VectorProbing(
        metrics: [.accuracy], schedule: ProbeSchedule(epochs: 50, patience: 3, stopAfter: 10)),
      read: read)
  }
}
