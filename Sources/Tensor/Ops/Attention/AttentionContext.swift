/// Which keys a query attends to by their place in time.
public enum AttentionContext: Sendable {
  /// Every key.
  case all
  /// Those that are not later: query `i` attends to keys `0...i`, whatever the number of keys.
  case causal

  /// How many keys of `count`, from the first on, any of the queries before `row` attends to.
  func attendedKeys(before row: Int, of count: Int) -> Int {
    switch self {
    case .all: count
    case .causal: min(row, count)
    }
  }
}
