import Tensor

extension FrameFeatures {
  /// One vector for each example and layer.
  ///
  /// Every piece that has examples is computed once and reduced at once, so that memory holds the
  /// frames of one piece for each core only.
  /// - Parameters:
  ///   - tasks: The examples to make vectors for.
  ///   - samples: The audio of a piece at `sampleRate`, mono; called on several threads at once, as `layers` is.
  ///   - progress: Called after each piece with how many are done and how many there are.
  /// - Returns: For each task and layer, `[examples, D]`.
  /// - Throws: `NotFinite`, or what `samples` and the features throw; of several pieces that of the first.
  public func pooled(
    for tasks: [ProbeExamples], samples: (_ piece: Int) throws -> [Float],
    progress: ProgressHandler = { _, _ in }
  ) throws -> [[Tensor]] {
    let pieces = Set(tasks.flatMap { $0.examples.map(\.piece) }).sorted()
    let rows = try withoutActuallyEscaping(progress) { progress in
      try Cores.map(pieces.count, progress: progress) { number in
        let layers = try layers(samples(pieces[number])).map { $0.detached() }
        return try tasks.map { try vectors(of: layers, for: $0, piece: pieces[number]) }
      }
    }
    return tasks.indices.map { task in Self.byLayer(rows.flatMap { $0[task] }) }
  }

  /// The vectors of a piece's examples of one task, in order, each for all layers.
  private func vectors(
    of layers: [Tensor], for task: ProbeExamples, piece: Int
  ) throws(NotFinite) -> [[[Float]]] {
    var rows: [[[Float]]] = []
    for example in task.examples where example.piece == piece {
      let frames = frames(in: example.time, of: layers[0].shape[0])
      let row = layers.map { pooling.vector(of: $0, frames: frames) }
      for (layer, vector) in row.enumerated() where !vector.allSatisfy(\.isFinite) {
        throw NotFinite(piece: piece, layer: layer)
      }
      rows.append(row)
    }
    return rows
  }

  /// Vectors `[examples][layers][D]` as `[examples, D]` of each layer.
  private static func byLayer(_ rows: [[[Float]]]) -> [Tensor] {
    guard let first = rows.first else { return [] }
    return first.indices.map { layer in
      Tensor(rows.flatMap { $0[layer] }, shape: [rows.count, first[layer].count])
    }
  }
}

/// Features that hold a NaN or an infinity.
public struct NotFinite: Error, Equatable {
  /// The index of the piece in the corpus.
  public var piece: Int
  /// The layer; 0 is what enters the first encoder layer.
  public var layer: Int
}

extension FrameFeatures.Pooling {
  /// What a probe chooses from, of the vectors of each layer, `[examples, D]`.
  func choices(of layers: [Tensor]) -> [Probe.Layer] {
    layers.enumerated().flatMap { number, features in
      candidates(in: features).map { Probe.Layer(number: number, features: $0) }
    }
  }

  /// With `chosen` the means, which are the first half, and all; else all.
  private func candidates(in features: Tensor) -> [Tensor] {
    guard self == .chosen else { return [features] }
    return [features.sliced(axis: 1, 0..<features.shape[1] / 2), features]
  }

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
