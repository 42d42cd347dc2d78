import Models
import Settings
import Tensor

/// A stream of tokens as a recipe asks for it: features, how they are whitened, and what assigns codes to them.
public struct TokenStream: Configuration {
  /// Name of the stream, in the log: `chroma`.
  public var name = ""
  /// Weight of its loss beside that of the other streams.
  public var weight: Float = 1
  /// What the codes are computed from.
  public var features = StreamFeatures()
  /// How the features are standardised, by statistics of a sample of the collection.
  public var whitening = WhiteningKind.channels
  /// What assigns the codes.
  public var tokens = StreamTokens()
  /// Layer whose output predicts the codes, from 1 on; by default what leaves the encoder. The layers above it then learn
  /// nothing of this stream.
  public var layer: Int?

  /// Random projections of log-mel energies.
  public init() {}

  /// A name that a line of the log can have, and a weight.
  public func validate() throws(InvalidSetting) {
    try requireStreamName("name", name)
    try require(notNegative: "weight", weight)
  }

  /// How many codes each of its codebooks has.
  var codebookSizes: [Int] { tokens.chosen.codebookSizes }
}

extension Configuration {
  /// Throws unless a name can be a part of the name of a term in the log.
  func requireStreamName(_ path: String, _ name: String) throws(InvalidSetting) {
    try require(
      !name.isEmpty && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") },
      path, "'\(name.shortened)' is no name of letters, digits and '-'; give one, as chroma")
  }

  /// Throws unless there are streams, each with a name of its own, of which one counts.
  func requireStreams(_ streams: [(name: String, weight: Float)]) throws(InvalidSetting) {
    try require(!streams.isEmpty, "streams", "is empty; name at least one stream")
    for (number, stream) in streams.enumerated() {
      try require(
        !streams[..<number].contains { $0.name == stream.name }, "streams[\(number)].name",
        "'\(stream.name)' is the name of an earlier stream, too; choose another")
    }
    try require(
      streams.contains { $0.weight > 0 }, "streams", "have weights of 0; raise one of them")
  }
}

/// Computes the tokens of one stream: whitens features and assigns codes. All of it are buffers.
struct StreamTokenizer: Module {
  private var whitening: Whitening
  private var tokenizer: any Tokenizer

  init(_ stream: TokenStream) {
    let width = stream.features.width
    whitening = Whitening(stream.whitening, width: width)
    tokenizer = stream.tokens.chosen.tokenizer(width: width)
  }

  /// The code of each frame `[N, D]` in each codebook, `N` for each.
  func codes(of frames: Tensor) -> [[Int32]] { tokenizer.codes(of: whitening(frames)) }

  /// Measures statistics and learns what there is to learn of a sample of the collection, `[N, D]`.
  mutating func fit(to frames: Tensor, seed: UInt64) throws {
    try whitening.fit(to: frames)
    try tokenizer.fit(to: whitening(frames), seed: seed)
  }

  mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("whitening", &whitening)
    Self.visit(&tokenizer, &visitor)
  }

  /// Opens a module whose type is known at run time alone, in place.
  private static func visit(
    _ tokenizer: inout some Tokenizer, _ visitor: inout some ParameterVisitor
  ) {
    visitor.child("tokenizer", &tokenizer)
  }
}
