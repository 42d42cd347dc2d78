import Foundation

/// How the reports write numbers and lists.
enum Wording {
  /// A loss or a rate, to about three digits.
  static func significant(_ value: Double) -> String {
    let size = abs(value)
    if !value.isFinite { return "not a number" }
    if value == 0 { return "0" }
    if size != 0 && (size < 0.001 || size >= 1e6) { return String(format: "%.2e", value) }
    return fixed(value, size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3)
  }

  /// `754` → `12 min 34 s`, with no-break spaces; `?` if they are no number or beyond all reason.
  static func duration(_ seconds: Double) -> String {
    guard abs(seconds) < 1e15 else { return "?" }
    if seconds < 60 { return fixed(seconds, seconds < 10 ? 1 : 0) + "\u{00A0}s" }
    let whole = Int(seconds.rounded())
    if whole < 3600 { return "\(whole / 60)\u{00A0}min\u{00A0}\(twoDigits(whole % 60))\u{00A0}s" }
    return "\(whole / 3600)\u{00A0}h\u{00A0}\(twoDigits(whole / 60 % 60))\u{00A0}min"
  }

  /// `2_140_000` → `2.1 M`.
  static func size(_ count: Int) -> String {
    switch count {
    case ..<1_000: "\(count)"
    case ..<1_000_000: fixed(Double(count) / 1e3, 1) + "\u{00A0}k"
    default: fixed(Double(count) / 1e6, 1) + "\u{00A0}M"
    }
  }

  /// `12000` → `12 000`, with a no-break space.
  static func grouped(_ count: Int) -> String {
    var text = String(count.magnitude)
    var end = text.count - 3
    while end > 0 {
      text.insert("\u{00A0}", at: text.index(text.startIndex, offsetBy: end))
      end -= 3
    }
    return (count < 0 ? "−" : "") + text
  }

  /// `1, "file"` → `1 file`; `3, "file"` → `3 files`.
  static func count(_ number: Int, _ noun: String) -> String {
    "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")"
  }

  /// `[1, 2, 3, 7]` → `runs 1–3 and 7`.
  static func runs(_ numbers: [Int]) -> String {
    var ranges: [ClosedRange<Int>] = []
    for number in numbers {
      if let last = ranges.last, last.upperBound + 1 == number {
        ranges[ranges.count - 1] = last.lowerBound...number
      } else {
        ranges.append(number...number)
      }
    }
    let words = ranges.flatMap { range in
      range.count < 3 ? range.map(String.init) : ["\(range.lowerBound)–\(range.upperBound)"]
    }
    return "\(numbers.count == 1 ? "run" : "runs") \(list(words))"
  }

  /// `2.4e14` → `240 TFLOP`, with a no-break space.
  static func operations(_ count: Double) -> String {
    guard count != 0 else { return "0" }
    let unit = OperationUnit(for: count)
    return "\(significant(count / unit.size))\u{00A0}\(unit.name)"
  }

  /// `[a, b, c]` → `a, b and c`.
  static func list(_ items: [String], _ word: String = "and") -> String {
    guard let last = items.last, items.count > 1 else { return items.first ?? "" }
    return items.dropLast().joined(separator: ", ") + " \(word) " + last
  }

  /// `22 November 2026, 11:30 UTC`.
  static func date(_ date: Date) -> String {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = TimeZone(secondsFromGMT: 0)!
    let part = calendar.dateComponents([.year, .month, .day, .hour, .minute], from: date)
    let time = "\(twoDigits(part.hour!)):\(twoDigits(part.minute!))"
    return "\(part.day!) \(months[part.month! - 1]) \(part.year!), \(time) UTC"
  }

  static func fixed(_ value: Double, _ decimals: Int) -> String {
    let text = String(format: "%.\(decimals)f", value)
    return text.hasPrefix("-") ? "−" + text.dropFirst() : text
  }

  /// A place in a drawing, to a tenth of a pixel.
  static func coordinate(_ value: Double) -> String { String((value * 10).rounded() / 10) }

  private static func twoDigits(_ number: Int) -> String { String(format: "%02d", number) }

  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
  ]
}

/// What numbers of floating-point operations are counted in.
struct OperationUnit {
  let name: String
  let size: Double

  /// The largest unit of which there is at least one.
  init(for count: Double) {
    let units = [("ZFLOP", 1e21), ("EFLOP", 1e18), ("PFLOP", 1e15), ("TFLOP", 1e12)]
    (name, size) = units.first { $0.1 <= count } ?? ("GFLOP", 1e9)
  }
}

extension String {
  /// `accuracy in %` → `Accuracy in %`
  var capitalisedFirst: String { prefix(1).uppercased() + dropFirst() }
}
