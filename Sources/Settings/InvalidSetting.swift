/// A setting that cannot be used, and why.
public struct InvalidSetting: Error, Equatable, CustomStringConvertible {
  /// What is wrong: `spanFrames`, `position.groups` or `kernels[2]`, as the configuration that refuses it names
  /// it; empty for the configuration as a whole.
  public var path: String
  /// Settings that it contradicts, named in the same way.
  public var others: [String]
  /// The value, the rule, and what to do if the rule does not say it.
  public var reason: String

  /// - Parameters:
  ///   - path: Which setting, as `path.to.key`.
  ///   - reason: Why it is refused.
  ///   - others: Settings that this one contradicts.
  public init(_ path: String, _ reason: String, against others: [String] = []) {
    (self.path, self.others, self.reason) = (path, others, reason)
  }

  /// `mask.probability: 7 is not between 0 and 1`
  public var description: String { path.isEmpty ? reason : "\(path): \(reason)" }

  /// The same, as the configuration around names it, in which this one is called `name`.
  public func inside(_ name: String) -> InvalidSetting {
    func outer(_ path: String) -> String { path.isEmpty ? name : "\(name).\(path)" }
    return InvalidSetting(outer(path), reason, against: others.map(outer))
  }
}

extension Configuration {
  /// Refuses the setting `path` for `reason` unless `holds`.
  public func require(
    _ holds: Bool, _ path: String, _ reason: @autoclosure () -> String,
    against others: [String] = []
  ) throws(InvalidSetting) {
    if !holds, RangeRecord.current == nil {
      throw InvalidSetting(path, reason(), against: others)
    }
  }

  /// Refuses a number outside of `range`, NaN included. A `SettingReference` prints the range, so it is the same
  /// whatever the other settings are; this holds for those below, too.
  public func require<Number: SettingNumber>(
    _ path: String, _ value: Number, in range: ClosedRange<Number>
  ) throws(InvalidSetting) {
    note(path, from: range.lowerBound.limit(), to: range.upperBound.limit())
    try require(
      range.contains(value), path,
      "\(value.inWords) is not between \(range.lowerBound.inWords) and \(range.upperBound.inWords)")
  }

  /// Refuses a number outside of `range`, NaN included; a list has a range for each of its elements.
  public func require<Number: SettingNumber>(
    _ path: String, _ values: [Number], in range: ClosedRange<Number>
  ) throws(InvalidSetting) {
    for (index, value) in values.enumerated() { try require("\(path)[\(index)]", value, in: range) }
  }

  /// Refuses a number outside of `range`, whose end is no part of it; NaN included.
  public func require<Number: SettingNumber>(
    _ path: String, _ value: Number, in range: Range<Number>
  ) throws(InvalidSetting) {
    note(path, from: range.lowerBound.limit(), to: range.upperBound.limit(isAllowed: false))
    try require(
      range.contains(value), path,
      "\(value.inWords) is not at least \(range.lowerBound.inWords) and below "
        + range.upperBound.inWords)
  }

  /// Refuses what is 0 or less, infinite or NaN.
  public func require<Number: SettingNumber & BinaryFloatingPoint>(
    positive path: String, _ value: Number
  ) throws(InvalidSetting) {
    note(path, from: Number.zero.limit(isAllowed: false), to: nil)
    try require(value > 0 && value.isFinite, path, "must be above 0, is \(value.inWords)")
  }

  /// Refuses what is below 0, infinite or NaN.
  public func require<Number: SettingNumber & BinaryFloatingPoint>(
    notNegative path: String, _ value: Number
  ) throws(InvalidSetting) {
    note(path, from: Number.zero.limit(), to: nil)
    try require(value >= 0 && value.isFinite, path, "must not be negative, is \(value.inWords)")
  }
}

extension Configuration {
  /// Keeps a range for a reference, if one is being made.
  private func note(_ path: String, from lower: SettingRange.Limit?, to upper: SettingRange.Limit?)
  {
    RangeRecord.current?.add(SettingRange(lower: lower, upper: upper), for: path, of: Self.self)
  }
}

/// A number as errors write it.
public protocol SettingNumber: Comparable {
  /// `7` for `7.0`.
  var inWords: String { get }
}

extension Int: SettingNumber {
  /// Its digits.
  public var inWords: String { description }
}

extension SettingNumber where Self: BinaryFloatingPoint {
  /// Its shortest digits, without a point if there is nothing behind it.
  public var inWords: String {
    Int(exactly: self).map { "\($0)" } ?? "\(self)"
  }
}

extension Float: SettingNumber {}
extension Double: SettingNumber {}
