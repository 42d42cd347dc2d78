import Tensor

/// The bars of a piece: how many beats they have, and how these are grouped.
struct Meter: Sendable {
  /// The beats of each group of a bar, 2 to 4: `[3, 2]` of a bar of five.
  let groups: [Int]

  /// The beats of a bar.
  var beats: Int { groups.reduce(0, +) }

  /// The beats before and after the middle of a bar, where a chord may change.
  var halves: [Int] {
    switch groups {
    case [4]: [2, 2]
    case [3]: [2, 1]
    default: groups
    }
  }

  static func drawn(using stream: inout RandomStream) -> Meter {
    Meter(
      groups: stream.pick(weighted: [
        ([4], 0.55), ([3], 0.2), ([3, 3], 0.1), ([3, 2], 0.05), ([2, 3], 0.03), ([4, 3], 0.04),
        ([3, 4], 0.03),
      ]))
  }
}
