import Audio
import Files
import Foundation
import Models
import Tensor

/// One file of a store: the vectors of some clips.
///
/// In it: `layer.K`, `[rows, D]`, for each layer; `rows`, how many rows each clip has, one for each stretch; `keys`,
/// the halves of the clips' keys, `[clips, 2]`. A clip that cannot be used has no rows, and the metadata say why
/// (`leftOut.NUMBER`).
struct EmbeddingBlock: Sendable {
  /// What the clips are known by.
  let keys: [UInt64]
  /// How many rows each clip has.
  let rows: [Int]
  /// Why a clip has none, by its place in the block.
  let leftOut: [Int: String]
  private let file: SafeTensors

  /// Opens a block.
  /// - Throws: `FileError` if it is damaged.
  init(_ url: URL) throws {
    file = try SafeTensors(contentsOf: url)
    rows = try file.tensor("rows").integers.map(Int.init)
    let halves = try file.tensor("keys").integers.map { UInt64(UInt32(bitPattern: $0)) }
    keys = stride(from: 0, to: halves.count, by: 2).map { halves[$0] << 32 | halves[$0 + 1] }
    leftOut = Dictionary(
      uniqueKeysWithValues: file.metadata.compactMap { name, reason in
        Int(name.dropFirst("leftOut.".count)).map { ($0, reason) }
      })
  }

  /// Embeds clips, writes their block and opens it.
  init(
    _ clips: [AudioClip], keys: [UInt64], by embedder: Embedder, _ cut: EmbeddingCut, to url: URL
  ) throws {
    let outcomes = try Cores.map(clips.count) { item in
      do {
        return Result<[[Float]], AudioError>.success(try embedder.rows(of: clips[item], cut))
      } catch let error as AudioError {
        return .failure(error)
      }
    }
    var metadata: [String: String] = [:]
    for (item, outcome) in outcomes.enumerated() {
      if case .failure(let error) = outcome { metadata["leftOut.\(item)"] = error.reason }
    }
    let vectors = outcomes.map { (try? $0.get()) ?? [] }
    try SafeTensors.write(
      Self.tensors(vectors, keys: keys, embedder), to: url, metadata: metadata)
    try self.init(url)
  }

  /// The rows of a layer, `[rows, D]`, which stay in the file.
  func layer(_ number: Int) throws -> Tensor { try file.mappedTensor("layer.\(number)") }

  private static func tensors(
    _ vectors: [[[Float]]], keys: [UInt64], _ embedder: Embedder
  ) -> [(name: String, tensor: Tensor)] {
    let rows = vectors.map { $0.count / embedder.layers }
    let halves = keys.flatMap { [UInt32($0 >> 32), UInt32(truncatingIfNeeded: $0)] }
    let layers = (0..<embedder.layers).map { layer in
      let numbers = vectors.flatMap { file in
        stride(from: layer, to: file.count, by: embedder.layers).flatMap { file[$0] }
      }
      return (
        name: "layer.\(layer)",
        tensor: Tensor(numbers, shape: [rows.reduce(0, +), embedder.width])
      )
    }
    return [
      ("rows", Tensor(rows.map(Int32.init), shape: [rows.count])),
      ("keys", Tensor(halves.map { Int32(bitPattern: $0) }, shape: [keys.count, 2])),
    ] + layers
  }
}
