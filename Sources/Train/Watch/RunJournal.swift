import Files
import Foundation

/// The record of a run while it trains: `log.jsonl`, and the same numbers as TensorBoard's events.
struct RunJournal {
  private let log: RunLog
  private let events: EventFile?

  /// Goes on with the record of a run, or begins it.
  ///
  /// - Parameters:
  ///   - folder: The run's folder.
  ///   - step: Steps made. What was written of later ones is dropped.
  ///   - forTensorBoard: Whether events are written.
  /// - Throws: `FileError`; `RunError.log` if a line of the log is damaged.
  init(of folder: URL, resumingAt step: Int, forTensorBoard: Bool) throws {
    log = try RunLog(folder.logFile, resumingAt: step)
    events = forTensorBoard ? try EventFile(in: folder, from: step + 1) : nil
  }

  /// The last step in it when it was opened; nil if none.
  var lastStep: Int? { log.lastStep }

  /// Appends a record.
  /// - Throws: `FileError`.
  func write(_ record: some LogRecord) throws {
    try log.write(record)
    let scalars = record.scalars
    if !scalars.isEmpty { try events?.write(scalars, step: record.step) }
  }

  /// Brings the lines of the log to the disk, before a checkpoint that goes on after them.
  /// - Throws: `FileError`, also if the disk is full.
  func flush() throws { try log.flush() }
}
