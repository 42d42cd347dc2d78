import Tensor

/// The sections of a piece, all in one key. Those of one letter share chords, motifs and accompaniment.
struct Form: Sendable {
  /// Some bars of a piece.
  struct Section: Sendable {
    /// 0 for A, 1 for B …
    let letter: Int
    let bars: Range<Int>
  }

  let sections: [Section]

  /// The letters that occur.
  var letters: Range<Int> { 0..<(sections.map(\.letter).max()! + 1) }

  static func drawn(bars: Int, using stream: inout RandomStream) -> Form {
    let order = stream.pick([
      [0, 0, 1, 0], [0, 1], [0, 0, 1, 1], [0, 1, 0, 2], [0, 1, 2, 1], [0, 0, 0, 1],
    ])
    let length = stream.pick([4, 4, 8])
    let starts = Array(stride(from: 0, to: bars, by: length))
    return Form(
      sections: starts.enumerated().map { i, start in
        Section(letter: order[i % order.count], bars: start..<min(start + length, bars))
      })
  }
}
