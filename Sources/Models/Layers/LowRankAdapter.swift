import Tensor

/// Low-rank adaptation (LoRA) of a model's linear maps: `W + (α/r) B A` in the place of `W`, where `A` and `B` alone are
/// trained.
///
/// ```swift
/// var adapter = LowRankAdapter(of: encoder, rank: 8, using: &generator)
/// adapter.trackGradients()
/// let states = adapter.adapted(encoder)(waveform, in: pass)  // gradients reach A and B
/// let merged = adapter.detached().adapted(encoder)            // an encoder like any other
/// ```
///
/// `A`, `[r, in]`, begins as U(±1/√in) and `B`, `[out, r]`, as zero, so that the adapted model begins as the model
/// itself, to the bit. The sums are formed once for a pass, which costs `out · r · in` products each: next to nothing
/// beside the frames. So every encoder can be adapted as it is, and what is merged is what was trained.
///
/// Source: Hu et al. 2021, *LoRA: Low-Rank Adaptation of Large Language Models*, section 4.
public struct LowRankAdapter: Module {
  /// `B A` of one linear map.
  public struct Update: Module {
    /// `A`, `[r, in]`.
    public var down: Tensor
    /// `B`, `[out, r]`.
    public var up: Tensor

    /// Shows `down` and `up`.
    public mutating func visit(_ visitor: inout some ParameterVisitor) {
      visitor.parameter("down", &down)
      visitor.parameter("up", &up)
    }
  }

  /// The paths of the weights that are adapted, in the order of the model's `visit`.
  public let paths: [String]
  /// For each of them.
  public var updates: [Update]
  /// `α/r`
  public let scale: Float

  /// An adapter that changes nothing yet.
  ///
  /// - Parameters:
  ///   - model: What is adapted.
  ///   - rank: `r`
  ///   - alpha: `α`; `r` unless given.
  ///   - adapts: Which weights, all matrices; those of the maps to queries and values unless given.
  ///   - generator: Draws `A`.
  /// - Traps when: the rank is below 1.
  public init(
    of model: some Module, rank: Int, alpha: Float? = nil,
    where adapts: (ParameterPlace) -> Bool = isQueryOrValue,
    using generator: inout some RandomNumberGenerator
  ) {
    precondition(rank >= 1, "LowRankAdapter: the rank has to be at least 1, got \(rank)")
    var (paths, updates): ([String], [Update]) = ([], [])
    model.forEachParameter { place, weight in
      guard weight.rank == 2, adapts(place) else { return }
      paths.append(place.path)
      updates.append(
        Update(
          down: .initial([rank, weight.shape[1]], fanIn: weight.shape[1], using: &generator),
          up: .zeros([weight.shape[0], rank])))
    }
    (self.paths, self.updates) = (paths, updates)
    scale = (alpha ?? Float(rank)) / Float(rank)
  }

  /// Whether it is the weight of attention's map to queries or values.
  public static func isQueryOrValue(_ place: ParameterPlace) -> Bool {
    place.path.hasSuffix("attention.query.weight") || place.path.hasSuffix("attention.value.weight")
  }

  /// A model with the sums in the place of its weights, whose own weights are constants.
  ///
  /// - Parameter model: That of `init`, or one with the same parameters.
  /// - Traps when: it lacks a weight that is adapted.
  public func adapted<Adapted: Module>(_ model: Adapted) -> Adapted {
    var (copy, next) = (model, 0)
    copy.update { place, weight in
      guard next < paths.count, place.path == paths[next] else { return }
      let (down, up) = (updates[next].down, updates[next].up)
      weight = weight.detached() + up.matmul(down) * scale
      next += 1
    }
    precondition(next == paths.count, "LowRankAdapter: the model has no weight \(paths[next])")
    return copy
  }

  /// Shows the updates.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.children("updates", &updates)
  }
}
