/// The candidate that is most similar to `name`, if at most a third of the letters differ.
///
/// - Returns: `nil` if no candidate is similar enough.
package func nearestName(to name: String, among candidates: [String]) -> String? {
  let scored = candidates.map {
    ($0, editDistance(Array(name.lowercased()), Array($0.lowercased())))
  }
  guard let best = scored.min(by: { $0.1 < $1.1 }) else { return nil }
  return best.1 <= max(1, max(name.count, best.0.count) / 3) ? best.0 : nil
}

/// The number of insertions, deletions, substitutions and swaps of neighbours that turn `a` into
/// `b`.
///
/// - Source: Damerau 1964, in its restricted form (optimal string alignment).
/// - Complexity: O(|a| |b|).
private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  var beforePrevious: [Int] = []
  var previous = Array(0...b.count)
  for i in a.indices {
    var current = [i + 1]
    for j in b.indices {
      var best = min(previous[j + 1] + 1, current[j] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
        best = min(best, beforePrevious[j - 1] + 1)
      }
      current.append(best)
    }
    (beforePrevious, previous) = (previous, current)
  }
  return previous[b.count]
}
