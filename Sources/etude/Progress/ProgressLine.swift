import Foundation

/// Progress of long work on standard error: one line that is rewritten on a terminal, a plain line
/// every few seconds otherwise.
final class ProgressLine {
  private let title: String
  private var start = Date()
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private var lastShown = Date.distantPast
  /// What was done before the clock started, in another process: it took none of this one's time. Nil until
  /// something is shown.
  private var before: Int?

  /// - Parameter before: What is done already; what is shown first unless given.
  init(_ title: String, goingOnFrom before: Int? = nil) {
    (self.title, self.before) = (title, before)
  }

  /// Shows that `done` of `total` is done, with the time left, and a note. At 0 the clock starts anew.
  func show(_ done: Int, of total: Int, note: String = "") {
    let before = min(done, before ?? done)
    self.before = before
    if done == 0 { (start, lastShown) = (Date(), .distantPast) }
    let finished = done == total
    guard finished || Date().timeIntervalSince(lastShown) > (isTerminal ? 0.2 : 5) else { return }
    lastShown = Date()
    let elapsed = Date().timeIntervalSince(start)
    let own = done - before
    let left = own > 0 ? elapsed / Double(own) * Double(total - done) : 0
    let time = finished ? "in \(elapsed.asDuration)" : own > 0 ? "\(left.asDuration) left" : ""
    let parts = ["\(title): \(done)/\(total)", note, time].filter { !$0.isEmpty }
    let text = parts.joined(separator: ", ")
    if isTerminal {
      write("\r\u{1B}[K" + text + (finished ? "\n" : ""))
    } else {
      write(text + "\n")
    }
  }

  private func write(_ text: String) { writeToStandardError(text) }
}

extension Double {
  /// Seconds as `42 s`, `3 min 20 s` or `2 h 5 min`.
  var asDuration: String {
    let seconds = Int(rounded())
    if seconds < 60 { return "\(seconds) s" }
    if seconds < 3600 { return "\(seconds / 60) min \(seconds % 60) s" }
    return "\(seconds / 3600) h \(seconds % 3600 / 60) min"
  }
}
