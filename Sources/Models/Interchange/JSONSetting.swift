import Settings

/// What a JSON file states, as a tree of settings.
struct JSONSetting: Decodable {
  let setting: Setting

  init(from decoder: any Decoder) throws {
    setting = Setting(content: try Self.content(decoder))
  }

  private static func content(_ decoder: any Decoder) throws -> Setting.Content {
    if let group = try? decoder.container(keyedBy: SettingKey.self) {
      return .group(
        try group.allKeys.map { key in
          Setting.Field(
            name: key.stringValue, value: try group.decode(Self.self, forKey: key).setting)
        })
    }
    if var list = try? decoder.unkeyedContainer() {
      var elements: [Setting] = []
      while !list.isAtEnd { elements.append(try list.decode(Self.self).setting) }
      return .list(elements)
    }
    return try scalar(decoder.singleValueContainer())
  }

  private static func scalar(
    _ value: any SingleValueDecodingContainer
  ) throws -> Setting.Content {
    if value.decodeNil() { return .null }
    if let flag = try? value.decode(Bool.self) { return .scalar("\(flag)", isQuoted: false) }
    if let count = try? value.decode(Int.self) { return .scalar("\(count)", isQuoted: false) }
    if let number = try? value.decode(Double.self) {
      return .scalar("\(number)", isQuoted: false)
    }
    return .scalar(try value.decode(String.self), isQuoted: true)
  }
}
