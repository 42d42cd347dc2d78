/// Holm's correction for looking at many differences at once.
enum Holm {
  /// The probabilities with the correction: of `m`, the k-th smallest is multiplied by `m - k + 1`, and none is below one
  /// before it. What has none has none, and does not count.
  ///
  /// Source: Holm 1979.
  static func corrected(_ probabilities: [Double?]) -> [Double?] {
    let known = probabilities.enumerated().compactMap { place, value in value.map { (place, $0) } }
    var corrected = probabilities
    var largest = 0.0
    for (rank, (place, value)) in known.sorted(by: { $0.1 < $1.1 }).enumerated() {
      largest = max(largest, value * Double(known.count - rank))
      corrected[place] = min(1, largest)
    }
    return corrected
  }
}
