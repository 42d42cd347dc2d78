/// When a line of progress is due where lines are kept, as in `nohup.out`: the first and the last; of the others at
/// most one a minute, and only if another percent is done or ten minutes have passed.
package struct QuietPace {
  private static let (shortest, longest) = (60.0, 600.0)
  private var last: (seconds: Double, percent: Int)?

  /// Before the first line.
  package init() {}

  /// Whether a line is due.
  ///
  /// - Parameters:
  ///   - done: Parts of the work that are done.
  ///   - total: All parts.
  ///   - seconds: The time now.
  package mutating func isDue(_ done: Int, of total: Int, at seconds: Double) -> Bool {
    let percent = Int(100 * Double(done) / Double(max(1, total)))
    if let last, done < total {
      let passed = seconds - last.seconds
      let isNew = percent > last.percent && passed >= Self.shortest
      guard isNew || passed >= Self.longest else { return false }
    }
    last = (seconds, percent)
    return true
  }
}
