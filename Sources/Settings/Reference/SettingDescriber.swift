/// Describes types as settings. A configuration is described by decoding it with a
/// `SettingRecorder`.
struct SettingDescriber {
  /// The configuration that the reference describes.
  let outermost: any Configuration.Type
  let comments: SettingComments
  /// The configurations that contain this one, the outermost first.
  var around: [any Configuration.Type] = []

  /// The settings of a configuration, and a value of it: the defaults, with an example for each
  /// optional setting.
  ///
  /// - Parameter standard: The defaults at its position in an outer configuration; nil if none.
  func group<T: Configuration>(
    _ type: T.Type, standard: Setting?
  ) -> (reference: SettingReference, value: T) {
    if around.contains(where: { $0 == type }) {
      fatalError(
        "SettingReference: \(type) holds itself, which only the outermost NamedByFile may")
    }
    var inner = self
    inner.around.append(type)
    let defaults =
      standard?.fields == nil ? succeeding { try SettingEncoder.encode(T()) } : standard!
    let recorder = SettingRecorder(owner: String(reflecting: type), defaults, describer: inner)
    let value = succeeding { try T(from: recorder) }
    let ranges = RangeRecord.ranges(of: value)
    let fields = recorder.fields.map { $0.limited(by: ranges) }
    return (SettingReference(fields: fields, owner: recorder.owner), value)
  }

  /// The form in which a recipe writes a value of `type`, and such a value.
  func setting<T: Decodable>(_ type: T.Type, standard: Setting?) -> (type: SettingType, value: T) {
    let (kind, value) = described(type, standard)
    guard let standard, !standard.isNull, !(value is any Configuration) else {
      return (kind, value as! T)
    }
    return (kind, succeeding { try StrictDecoder.value(type, from: standard) })
  }

  private func described(_ type: any Decodable.Type, _ standard: Setting?) -> (SettingType, Any) {
    switch type {
    case let type as any SettingScalar.Type: (type.settingType, type.example)
    case let type as any CaseIterable.Type: choice(type)
    case is ClosedRange<Int>.Type: (.pair(.any), 0...0)
    case let type as any SettingCollection.Type: type.described(by: self)
    case let type as any Configuration.Type: configuration(type, standard)
    default: fatalError("SettingReference: \(type) is nothing that a recipe can write")
    }
  }

  private func choice<T: CaseIterable>(_ type: T.Type) -> (SettingType, Any) {
    let owner = String(reflecting: type)
    let names = caseNames(type)
    if names.isEmpty { fatalError("SettingReference: the cases of \(type) have no names") }
    let choices = names.map {
      SettingType.Choice(name: $0, comment: comments.comment(on: $0, of: owner))
    }
    return (.choice(choices, owner: owner), type.allCases.first!)
  }

  private func configuration<T: Configuration>(
    _ type: T.Type, _ standard: Setting?
  ) -> (SettingType, Any) {
    guard type is any NamedByFile.Type else {
      let (reference, value) = group(type, standard: standard)
      let path = (type as? any GivenByPath.Type)?.pathSetting
      return (path.map { .pathOrGroup(setting: $0, reference) } ?? .group(reference), value)
    }
    if type == outermost { return (.recipe(nil), T()) }
    let (reference, value) = group(type, standard: standard)
    return (.recipe(reference), value)
  }
}

/// The result of `body`. A type for which it throws cannot be written in a recipe.
private func succeeding<Value>(_ body: () throws -> Value) -> Value {
  do {
    return try body()
  } catch {
    fatalError("SettingReference: \(error)")
  }
}

// MARK: - Collections

/// A list or a dictionary of settings.
protocol SettingCollection {
  static func described(by describer: SettingDescriber) -> (SettingType, Any)
}

extension Array: SettingCollection where Element: Decodable {
  static func described(by describer: SettingDescriber) -> (SettingType, Any) {
    (.list(describer.setting(Element.self, standard: nil).type), [] as Self)
  }
}

extension Dictionary: SettingCollection where Key == String, Value: Decodable {
  static func described(by describer: SettingDescriber) -> (SettingType, Any) {
    (.dictionary(describer.setting(Value.self, standard: nil).type), [:] as Self)
  }
}

// MARK: - Ranges

extension SettingReference.Field {
  fileprivate func limited(by ranges: [String: SettingRange]) -> Self {
    var copy = self
    switch type {
    case .number(let isWhole, let own):
      copy.type = .number(isWhole: isWhole, ranges[name] ?? own)
    case .pair: copy.type = .pair(ranges[name + "[]"] ?? .any)
    case .list(.number(let isWhole, let own)):
      copy.type = .list(.number(isWhole: isWhole, ranges[name + "[]"] ?? own))
    default: break
    }
    return copy
  }
}
