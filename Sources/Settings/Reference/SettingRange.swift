import Synchronization

/// The numbers that a setting may have. A limit is `nil` where there is none.
public struct SettingRange: Sendable, Equatable {
  /// One end.
  public struct Limit: Sendable, Equatable {
    /// In digits.
    public var number: String
    /// Whether the number itself may be written.
    public var isAllowed = true
  }

  /// The lower end.
  public var lower: Limit?
  /// The upper end.
  public var upper: Limit?

  /// Every number.
  public static let any = SettingRange()
}

/// Collects the ranges that a configuration gives to `require`.
///
/// Nothing is refused meanwhile, so that `validate()` comes to its end.
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

  /// Keeps a range, if it is that of a setting of the owner itself.
  func add(_ range: SettingRange, for path: String, of type: any Configuration.Type) {
    guard type == owner else { return }
    ranges.withLock { $0[path.replacing(/\[\d+\]$/, with: "[]")] = range }
  }
}

extension SettingNumber {
  /// This number as the end of a range; `nil` for the largest number that there is.
  func limit(isAllowed: Bool = true) -> SettingRange.Limit? {
    self as? Int == .max ? nil : SettingRange.Limit(number: inWords, isAllowed: isAllowed)
  }
}
