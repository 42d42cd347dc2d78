import Synchronization

/// The allowed range of a number. A limit is `nil` if there is none.
public struct SettingRange: Sendable, Equatable {
  /// One end of the range.
  public struct Limit: Sendable, Equatable {
    /// The number, in digits.
    public var number: String
    /// Whether the number itself is allowed.
    public var isAllowed = true
  }

  /// The lower limit.
  public var lower: Limit?
  /// The upper limit.
  public var upper: Limit?

  /// Every number.
  public static let any = SettingRange()
}

/// Collects the ranges that a configuration passes to `require`.
///
/// While it collects, `require` throws nothing, so that `validate()` runs to its end.
final class RangeRecord: Sendable {
  @TaskLocal static var current: RangeRecord?

  private let owner: any Configuration.Type
  private let ranges = Mutex<[String: SettingRange]>([:])

  private init(of owner: any Configuration.Type) { self.owner = owner }

  /// The ranges of `value` by name, `kernels[]` for the elements of a list.
  static func ranges(of value: some Configuration) -> [String: SettingRange] {
    let record = RangeRecord(of: type(of: value))
    $current.withValue(record) { try? value.validate() }
    return record.ranges.withLock { $0 }
  }

  /// Records a range, if it belongs to a setting of the owner itself.
  func add(_ range: SettingRange, for path: String, of type: any Configuration.Type) {
    guard type == owner else { return }
    ranges.withLock { $0[path.replacing(/\[\d+\]$/, with: "[]")] = range }
  }
}

extension SettingNumber {
  /// This number as the limit of a range; `nil` for the greatest integer.
  func limit(isAllowed: Bool = true) -> SettingRange.Limit? {
    self as? Int == .max ? nil : SettingRange.Limit(number: inWords, isAllowed: isAllowed)
  }
}
