import Tensor

extension FrameFeatures {
  /// One vector for each example and layer.
  ///
  /// Every piece that has examples is computed once and reduced at once, so that memory holds the
  /// frames of one piece only.
  /// - Parameters:
  ///   - tasks: The examples to make vectors for.
  ///   - samples: The audio of a piece at `sampleRate`, mono.
  ///   - progress: Called after each piece with how many are done and how many there are.
  /// - Returns: For each task and layer, `[examples, D]`.
  /// - Throws: `NotFinite`, or what `samples` and the features throw.
  public func pooled(
    for tasks: [ProbeExamples], samples: (_ piece: Int) throws -> [Float],
    progress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
  ) throws -> [[Tensor]] {
    var stores = tasks.map { PooledRows(examples: $0.examples) }
    let pieces = Set(tasks.flatMap { $0.examples.map(\.piece) }).sorted()
    for (done, piece) in pieces.enumerated() {
      let layers = try layers(samples(piece)).map { $0.detached() }
      for i in stores.indices { try stores[i].append(piece: piece, layers: layers, by: self) }
      progress(done + 1, pieces.count)
    }
    return stores.map { $0.tensors() }
  }
}

/// Features that hold a NaN or an infinity.
public struct NotFinite: Error, Equatable {
  /// The index of the piece in the corpus.
  public var piece: Int
  /// The layer; 0 is what enters the first encoder layer.
  public var layer: Int
}

/// The vectors of one task's examples so far, by layer.
private struct PooledRows {
  private var remaining: ArraySlice<ProbeExample>
  private let count: Int
  private var rows: [[Float]] = []

  init(examples: [ProbeExample]) {
    (remaining, count) = (examples[...], examples.count)
  }

  /// Adds the examples of `piece`, the next in order.
  mutating func append(
    piece: Int, layers: [Tensor], by features: FrameFeatures
  ) throws(NotFinite) {
    if rows.isEmpty { rows = Array(repeating: [], count: layers.count) }
    while let example = remaining.first, example.piece == piece {
      let frames = features.frames(in: example.time, of: layers[0].shape[0])
      for (i, layer) in layers.enumerated() {
        let vector = features.pooling.vector(of: layer, frames: frames)
        guard vector.allSatisfy(\.isFinite) else { throw NotFinite(piece: piece, layer: i) }
        rows[i] += vector
      }
      remaining.removeFirst()
    }
  }

  func tensors() -> [Tensor] {
    rows.map { Tensor($0, shape: [count, $0.count / max(count, 1)]) }
  }
}

extension FrameFeatures.Pooling {
  /// One vector for some frames of `layer`, `[T, D]`.
  func vector(of layer: Tensor, frames: Range<Int>) -> [Float] {
    let width = layer.shape[1]
    var (means, variances) = (
      [Float](repeating: 0, count: width), [Float](repeating: 0, count: width)
    )
    let count = Float(frames.count)
    layer.read { x in
      for t in frames { for j in 0..<width { means[j] += x[t * width + j] } }
      for j in 0..<width { means[j] /= count }
      if self == .mean { return }
      for t in frames {
        for j in 0..<width {
          let difference = x[t * width + j] - means[j]
          variances[j] += difference * difference / count
        }
      }
    }
    return self == .mean ? means : means + variances.map { $0.squareRoot() }
  }
}
