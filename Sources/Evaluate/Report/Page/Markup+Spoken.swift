extension Markup {
  /// Words for a screen reader alone, where eyes have a place, a colour or bold letters.
  static func spoken(_ words: String) -> Markup { #"<span class="spoken">\#(words)</span>"# }

  /// A sign that is seen, and the words that a screen reader reads in its place.
  static func sign(_ seen: String, spoken words: String) -> Markup {
    #"<span aria-hidden="true">\#(seen)</span>\#(spoken(words))"#
  }

  /// A table's cell without a value.
  static let noValue: Markup = #"<td class="absent">\#(sign("–", spoken: "none"))</td>"#
}

extension PairedScores {
  /// A table's cell of the difference, in the colour of its direction.
  var markup: Markup {
    let side = direction.map { $0 == .better ? "learned" : "worse" } ?? ""
    return #"<td class="\#(side)">\#(direction.markup(before: amount))</td>"#
  }
}
