extension [Double] {
  /// The middle of the sorted numbers, or the mean of the middle two; nil if the array is empty.
  package var median: Double? {
    let sorted = sorted()
    return isEmpty ? nil : (sorted[count / 2] + sorted[(count - 1) / 2]) / 2
  }
}
