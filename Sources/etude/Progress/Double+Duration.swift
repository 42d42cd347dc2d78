extension Double {
  /// Seconds as `42 s`, `3 min 20 s`, `2 h 5 min` or `12 days 7 h`; `?` if they are no number or beyond all reason.
  var asDuration: String {
    guard abs(self) < 1e15 else { return "?" }
    let seconds = Int(rounded())
    switch seconds {
    case ..<60: return "\(seconds) s"
    case ..<3600: return "\(seconds / 60) min \(seconds % 60) s"
    case ..<172_800: return "\(seconds / 3600) h \(seconds % 3600 / 60) min"
    default: return "\(seconds / 86_400) days \(seconds % 86_400 / 3600) h"
    }
  }
}
