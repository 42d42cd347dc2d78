import Foundation
import Train

/// Progress of long work on standard error: one line that is rewritten on a terminal, and otherwise a
/// plain line now and then, see `QuietPace`.
final class ProgressLine {
  private let title: String
  private var start = Date()
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private var lastShown = Date.distantPast
  private var pace = QuietPace()
  /// What was done before the clock started, in another process: it took none of this one's time. Nil until
  /// something is shown.
  private var before: Int?

  /// - Parameter before: What is done already; what is shown first unless given.
  init(_ title: String, goingOnFrom before: Int? = nil) {
    (self.title, self.before) = (title, before)
  }

  /// Shows that `done` of `total` is done, with the time left, and a note. At 0 the clock starts anew.
  ///
  /// The time left is that of the parts to come, at the mean time of the parts that this process did. All that
  /// happened since the start is in it.
  func show(_ done: Int, of total: Int, note: @autoclosure () -> String = "") {
    let before = min(done, before ?? done)
    self.before = before
    if done == 0 { (start, lastShown, pace) = (Date(), .distantPast, QuietPace()) }
    guard isDue(done, of: total) else { return }
    let elapsed = Date().timeIntervalSince(start)
    let own = done - before
    let left = own > 0 ? elapsed / Double(own) * Double(total - done) : 0
    let time =
      done == total ? "in \(elapsed.asDuration)" : own > 0 ? "\(left.asDuration) left" : ""
    let parts = ["\(title): \(done)/\(total)", note(), time].filter { !$0.isEmpty }
    write(parts.joined(separator: ", "), isLast: done == total)
  }

  private func isDue(_ done: Int, of total: Int) -> Bool {
    guard isTerminal else {
      return pace.isDue(done, of: total, at: Date().timeIntervalSinceReferenceDate)
    }
    guard done == total || Date().timeIntervalSince(lastShown) > 0.2 else { return false }
    lastShown = Date()
    return true
  }

  private func write(_ text: String, isLast: Bool) {
    writeToStandardError(isTerminal ? "\r\u{1B}[K" + text + (isLast ? "\n" : "") : text + "\n")
  }
}
