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
  ///   - awaitingValidation: Whether that step is validated anew. What was measured after it is dropped, too.
  ///   - forTensorBoard: Whether events are written.
  /// - Throws: `FileError`; `RunError.log` if a line of the log is damaged.
  init(
    of folder: URL, resumingAt step: Int, awaitingValidation: Bool, forTensorBoard: Bool
  ) throws {
    log = try RunLog(folder.logFile, resumingAt: step, awaitingValidation: awaitingValidation)
    events = forTensorBoard ? try EventFile(in: folder, from: step + 1) : nil
  }

  /// The last step in it when it was opened; nil if none.
  var lastStep: Int? { log.lastStep }

  /// Appends a record. What cannot be written waits for the next one, or for `flush`.
  /// - Throws: What encoding it throws.
  func write(_ record: some LogRecord) throws {
    try log.write(record)
    let scalars = record.scalars
    if !scalars.isEmpty { events?.write(scalars, step: record.step) }
  }

  /// Brings all records to the disk, before a checkpoint that goes on after them.
  /// - Throws: `FileError`.
  func flush() throws {
    try log.flush()
    try events?.flush()
  }
}
