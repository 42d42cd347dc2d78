import Files
import Foundation
import Tensor

/// What predicts while a model is pre-trained, kept beside its encoder in `heads.safetensors`.
///
/// | name | shape |
/// |---|---|
/// | `codes.projection.{weight,bias}` | `[d · sets, D]`, or `[d, D]` if it is one for all sets |
/// | `codes.embeddings.{set}` | `[symbols + codes, d]` |
/// | `spectrum.projection.{weight,bias}` | `[bins, D]` |
/// | `regression.projection.{weight,bias}` | `[D, D]`, or `[D, width]` behind a decoder |
/// | `regression.decoder.layers.{layer}.weight` | `[width, taps, channels / groups]`, the first of `D` channels |
public struct PretrainingHeads: Sendable {
  /// By the names above.
  public var tensors: [String: Tensor]
  /// Rows of each set's embeddings before that of code 0: symbols of a dictionary that are never a target.
  /// fairseq has 4, `<s>`, `<pad>`, `</s>` and `<unk>`: code `c` is row `c + 4` of 1028.
  public var specialSymbols: Int

  /// - Parameters:
  ///   - tensors: By the names of `heads.safetensors`.
  ///   - specialSymbols: Rows of fairseq's symbols before those of codes.
  public init(_ tensors: [String: Tensor] = [:], specialSymbols: Int = 0) {
    (self.tensors, self.specialSymbols) = (tensors, specialSymbols)
  }

  /// Whether there are none.
  public var isEmpty: Bool { tensors.isEmpty }

  /// The embeddings of each label set.
  public var embeddings: [Tensor] {
    var embeddings: [Tensor] = []
    while let next = tensors["codes.embeddings.\(embeddings.count)"] { embeddings.append(next) }
    return embeddings
  }

  /// The same without the rows that stand for no code.
  /// - Traps when: a set has fewer rows than symbols.
  public func withoutSymbols() -> PretrainingHeads {
    var result = PretrainingHeads(tensors)
    for (set, rows) in embeddings.enumerated() {
      result.tensors["codes.embeddings.\(set)"] = rows[specialSymbols...]
    }
    return result
  }
}

extension PretrainingHeads {
  private static let symbolsKey = "special_symbols"

  /// Reads `heads.safetensors`.
  /// - Throws: `ModelError.file`.
  public init(contentsOf url: URL) throws {
    let file = try SafeTensors(contentsOf: url)
    let symbols = file.metadata[Self.symbolsKey] ?? "0"
    guard let specialSymbols = Int(symbols), specialSymbols >= 0 else {
      throw ModelError.file(url.path, problem: "its \(Self.symbolsKey) is no whole number")
    }
    let tensors = try file.tensors()
    for (name, tensor) in tensors { _ = try tensor.checkedFinite(name, of: url) }
    let heads = PretrainingHeads(tensors, specialSymbols: specialSymbols)
    do {
      try heads.check()
    } catch ModelError.tensors(let problem) {
      throw ModelError.file(url.path, problem: problem)
    }
    self = heads
  }

  /// That the numbers are float32, and each set's embeddings a matrix of one width with a code in it.
  /// - Throws: `ModelError.tensors`.
  func check() throws {
    let projection = tensors["codes.projection.weight"]
    if let projection, let width = embeddings.first?.shape.last, projection.rank == 2 {
      guard [width, width * embeddings.count].contains(projection.shape[0]) else {
        throw ModelError.tensors(
          "its head yields \(projection.shape[0]) channels for \(embeddings.count) label sets of "
            + "\(width)")
      }
    }
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) where tensor.dtype != .float32 {
      throw ModelError.tensors("its head '\(name)' is of \(tensor.dtype), not of floating point")
    }
    for (set, rows) in embeddings.enumerated() {
      let isMatrix = rows.rank == 2 && rows.shape[1] == embeddings[0].shape[1]
      guard isMatrix, rows.shape[1] > 0, rows.shape[0] > specialSymbols else {
        throw ModelError.tensors("its embeddings of label set \(set) have the shape \(rows.shape)")
      }
    }
  }

  /// That they predict from frames of so many channels.
  /// - Throws: `ModelError.tensors`.
  package func check(width: Int) throws(ModelError) {
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key })
    where !fits(name, tensor.shape, width: width) {
      throw .tensors(
        "its head '\(name)' of shape \(tensor.shape) does not fit the model, whose frames have \(width) "
          + "channels; remove the heads, or put back the model they belong to")
    }
  }

  /// Whether there is a decoder before the map of a regression.
  var hasDecoder: Bool { decoderWeight(0) != nil }

  private func decoderWeight(_ layer: Int) -> Tensor? {
    tensors["regression.decoder.layers.\(layer).weight"]
  }

  /// Whether a tensor reads frames of so many channels, unless it reads something else. The map of a regression reads
  /// what its decoder makes of them, if it has one.
  private func fits(_ name: String, _ shape: Shape, width: Int) -> Bool {
    if name == "regression.decoder.layers.0.weight" { return decoderFits(shape, width: width) }
    guard name.hasSuffix("projection.weight") else { return true }
    let decoder = name == "regression.projection.weight" ? decoderWeight(0) : nil
    return shape.last == decoder?.shape.first ?? width
  }

  /// Whether a decoder's first convolution reads frames of so many channels: the number of its groups, which its shape
  /// does not tell, divides what leaves it and is that of the second.
  private func decoderFits(_ shape: Shape, width: Int) -> Bool {
    guard shape.rank == 3, shape[2] > 0, width % shape[2] == 0 else { return false }
    let groups = width / shape[2]
    let second = decoderWeight(1)?.shape.last ?? shape[0] / groups
    return second * groups == shape[0]
  }

  /// - Throws: `ModelError.file` if a number is NaN or infinite.
  func checkFinite(beforeWriting url: URL) throws {
    try tensors.map { (path: $0.key, tensor: $0.value) }.checkFinite(beforeWriting: url)
  }

  /// Writes `heads.safetensors`, atomically.
  /// - Throws: `FileError`; `ModelError.file` if a number is NaN or infinite.
  public func write(to url: URL) throws {
    try checkFinite(beforeWriting: url)
    try SafeTensors.write(
      tensors, to: url, metadata: ["format": "pt", Self.symbolsKey: "\(specialSymbols)"])
  }
}
