/// To which side a score clearly went.
enum Direction: String {
  case better, worse

  /// What stands for it in text.
  var sign: String { self == .better ? "▲" : "▼" }
}

extension Optional<Direction> {
  /// `▲ +3.2`; the text alone where there is no direction.
  func sign(before text: String) -> String { map { "\($0.sign) \(text)" } ?? text }

  /// `better: +3.2`, for what is heard and not seen.
  func word(before text: String) -> String { map { "\($0.rawValue): \(text)" } ?? text }

  /// The sign on a page, which a screen reader reads as the word.
  func markup(before text: String) -> Markup {
    map { "\(Markup.sign($0.sign, spoken: "\($0.rawValue):")) \(text)" } ?? "\(text)"
  }
}
