extension String {
  /// With blanks behind it up to a number of characters; a longer text stays as it is.
  package func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
