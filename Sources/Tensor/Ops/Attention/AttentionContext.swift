/// Which keys a query attends to, by their time.
public enum AttentionContext: Sendable {
  /// Every key.
  case all
  /// Keys that are not later than the query: query `i` attends to keys `0...i`, whatever the number
  /// of keys.
  case causal

  /// The number of keys, counted from the first of `count`, that queries before `row` attend to.
  func attendedKeys(before row: Int, of count: Int) -> Int {
    switch self {
    case .all: count
    case .causal: min(row, count)
    }
  }
}
