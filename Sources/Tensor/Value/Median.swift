extension [Double] {
  /// The middle one of the sorted numbers, or the mean of the two in the middle; nil if there is none.
  package var median: Double? {
    let sorted = sorted()
    return isEmpty ? nil : (sorted[count / 2] + sorted[(count - 1) / 2]) / 2
  }
}
