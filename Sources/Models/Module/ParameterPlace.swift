/// What a parameter is for in its module, as `visit` declares it.
public enum ParameterRole: Sendable, CaseIterable {
  /// A matrix, a convolution's taps, or the length of either.
  case weight
  /// What a map adds.
  case bias
  /// What a norm multiplies by.
  case scale
  /// What a norm adds.
  case shift
  /// Vectors that stand for something: a code, a masked frame.
  case embedding
}

/// A part of a model as its children declare it: what is averaged, frozen or logged together.
///
/// A library that adds a part adds a constant:
///
/// ```swift
/// extension ModulePart {
///   static let quantizer = ModulePart("quantizer")
/// }
/// ```
public struct ModulePart: Hashable, Sendable {
  /// How a log names it.
  public let name: String

  /// A part of that name; two parts of one name are equal.
  public init(_ name: String) { self.name = name }

  /// From the waveform to frames of the transformer's width.
  public static let frontEnd = ModulePart("frontEnd")
  /// What gives frames their place.
  public static let positions = ModulePart("positions")
  /// The stack of layers with its norm.
  public static let transformer = ModulePart("transformer")
  /// What predicts while a model is trained.
  public static let heads = ModulePart("heads")
}

/// How deep in a model's stack of layers a module is.
public enum ModuleDepth: Hashable, Sendable {
  /// Before the first layer.
  case beforeLayers
  /// In a layer, counted from 1.
  case layer(Int)
  /// After the last layer, as heads are and whatever declares nothing.
  case afterLayers
}

/// Where a parameter stands in a module, and what it is for.
public struct ParameterPlace: Sendable, Equatable {
  /// The names from the module to the parameter: `layers.0.attention.query.bias`.
  public let path: String
  /// What it is for.
  public let role: ParameterRole
  /// The innermost part declared around it; nil if none is.
  public let part: ModulePart?
  /// How deep in a stack of layers it stands, as the innermost module around it declares.
  public let depth: ModuleDepth
}
