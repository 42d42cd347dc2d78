/// An invalid setting, with the reason.
public struct InvalidSetting: Error, Equatable, CustomStringConvertible {
  /// The path of the setting relative to the configuration that refuses it: `spanFrames`,
  /// `position.groups` or `kernels[2]`; empty for the whole configuration.
  public var path: String
  /// Other settings that contradict this one, as paths of the same form.
  public var others: [String]
  /// The value, the rule, and a remedy if the rule does not give it.
  public var reason: String

  /// - Parameters:
  ///   - path: The setting, as `path.to.key`.
  ///   - reason: The reason why it is refused.
  ///   - others: Settings that contradict this one.
  public init(_ path: String, _ reason: String, against others: [String] = []) {
    (self.path, self.others, self.reason) = (path, others, reason)
  }

  /// `mask.probability: 7 is not between 0 and 1`
  public var description: String { path.isEmpty ? reason : "\(path): \(reason)" }

  /// The same error with paths relative to an outer configuration, in which this one is the
  /// property `name`.
  public func inside(_ name: String) -> InvalidSetting {
    func outer(_ path: String) -> String { path.isEmpty ? name : "\(name).\(path)" }
    return InvalidSetting(outer(path), reason, against: others.map(outer))
  }
}

extension Configuration {
  /// Throws `InvalidSetting` for `path` with `reason` unless `holds`.
  public func require(
    _ holds: Bool, _ path: String, _ reason: @autoclosure () -> String,
    against others: [String] = []
  ) throws(InvalidSetting) {
    if !holds, RangeRecord.current == nil {
      throw InvalidSetting(path, reason(), against: others)
    }
  }

  /// Throws if the number is outside `range` or NaN. A `SettingReference` prints the range, so it
  /// must not depend on other settings; this also holds for the functions below.
  public func require<Number: SettingNumber>(
    _ path: String, _ value: Number, in range: ClosedRange<Number>
  ) throws(InvalidSetting) {
    note(path, from: range.lowerBound.limit(), to: range.upperBound.limit())
    try require(
      range.contains(value), path,
      "\(value.inWords) is not between \(range.lowerBound.inWords) and \(range.upperBound.inWords)")
  }

  /// Throws if a number of the list is outside `range` or NaN.
  public func require<Number: SettingNumber>(
    _ path: String, _ values: [Number], in range: ClosedRange<Number>
  ) throws(InvalidSetting) {
    for (index, value) in values.enumerated() { try require("\(path)[\(index)]", value, in: range) }
  }

  /// Throws if the number is outside `range`, which excludes its upper bound, or NaN.
  public func require<Number: SettingNumber>(
    _ path: String, _ value: Number, in range: Range<Number>
  ) throws(InvalidSetting) {
    note(path, from: range.lowerBound.limit(), to: range.upperBound.limit(isAllowed: false))
    try require(
      range.contains(value), path,
      "\(value.inWords) is not at least \(range.lowerBound.inWords) and below "
        + range.upperBound.inWords)
  }

  /// Throws if the number is 0 or less, infinite or NaN.
  public func require<Number: SettingNumber & BinaryFloatingPoint>(
    positive path: String, _ value: Number
  ) throws(InvalidSetting) {
    note(path, from: Number.zero.limit(isAllowed: false), to: nil)
    try require(value > 0 && value.isFinite, path, "must be above 0, is \(value.inWords)")
  }

  /// Throws if the number is below 0, infinite or NaN.
  public func require<Number: SettingNumber & BinaryFloatingPoint>(
    notNegative path: String, _ value: Number
  ) throws(InvalidSetting) {
    note(path, from: Number.zero.limit(), to: nil)
    try require(value >= 0 && value.isFinite, path, "must not be negative, is \(value.inWords)")
  }
}

extension Configuration {
  /// Records a range for a reference, if one is being made.
  private func note(_ path: String, from lower: SettingRange.Limit?, to upper: SettingRange.Limit?)
  {
    RangeRecord.current?.add(SettingRange(lower: lower, upper: upper), for: path, of: Self.self)
  }
}

/// A number with the text that errors show.
public protocol SettingNumber: Comparable {
  /// `7` for `7.0`.
  var inWords: String { get }
}

extension Int: SettingNumber {
  /// The decimal digits.
  public var inWords: String { description }
}

extension SettingNumber where Self: BinaryFloatingPoint {
  /// The shortest digits, without a decimal point for a whole number.
  public var inWords: String {
    Int(exactly: self).map { "\($0)" } ?? "\(self)"
  }
}

extension Float: SettingNumber {}
extension Double: SettingNumber {}
