/// The kinds of feed-forward blocks by their names in a recipe.
///
/// A new kind is a constant beside its block, and a place in `allCases`.
public struct FeedForwardKind: RawRepresentable, CaseIterable, Codable, Hashable, Sendable {
  /// As a recipe names it.
  public let rawValue: String
  /// What is built.
  public let block: any FeedForward.Type

  /// A kind by its name.
  public init(_ name: String, builds block: any FeedForward.Type) {
    (rawValue, self.block) = (name, block)
  }

  /// The kind of that name; nil if there is none.
  public init?(rawValue: String) {
    guard let kind = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = kind
  }

  /// All that a recipe can name.
  public static let allCases: [FeedForwardKind] = [.gelu, .swiGLU]

  /// What published models call the linear maps of such a block.
  public var publishedNames: [PublishedName] { block.publishedNames }

  /// Whether a published model has such a block.
  public var isPublished: Bool { !publishedNames.isEmpty }

  /// Whether both have one name.
  public static func == (a: FeedForwardKind, b: FeedForwardKind) -> Bool {
    a.rawValue == b.rawValue
  }

  /// Hashes the name.
  public func hash(into hasher: inout Hasher) { hasher.combine(rawValue) }
}
