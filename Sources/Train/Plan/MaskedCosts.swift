import Models

/// What masked pre-training costs.
public struct MaskedCosts: TrainingCosts {
  /// What the encoder learns.
  public var encoder: EncoderParameterCounts
  /// Of both, what is frozen.
  public var frozenParameters: Int
  /// What the heads learn, which are not part of the model that is kept.
  public var headParameters: Int
  /// Operations of a step.
  public var products: ProductFLOP
  /// Bytes that a step holds at its most, part by part.
  public var memory: MemoryEstimate

  /// Those of a recipe.
  public init(_ recipe: Recipe) {
    (encoder, headParameters) = (recipe.chosenEncoder.parameterCounts, recipe.headParameterCount)
    let parts = TrainedParts(of: recipe)
    products = recipe.productFLOP(training: parts)
    (memory, frozenParameters) = (recipe.memory(training: parts), parts.frozenCount)
  }

  /// Of the encoder.
  public var encoderParameters: Int { encoder.total }
  /// Of encoder and heads.
  public var parameters: Int { encoder.total + headParameters }
  /// Of all parts.
  public var operations: Double { products.total }
  /// The most that is held at once.
  public var peakBytes: Double { memory.peak }

  /// Of the encoder and its parts, and of the heads.
  public var parameterParts: [PlannedPart] {
    func part(_ name: String, _ count: Int, _ depth: Int) -> PlannedPart {
      PlannedPart(name, Double(count), depth: depth)
    }
    let positions = encoder.positions == 0 ? [] : [part("positions", encoder.positions, 1)]
    let frozen = frozenParameters == 0 ? [] : [part("of both, frozen", frozenParameters, 0)]
    return [
      part("parameters of the encoder", encoder.total, 0), part("front end", encoder.frontEnd, 1),
      part("projection, mask", encoder.projection + encoder.maskEmbedding, 1),
    ] + positions + [
      part("transformer", encoder.transformer, 1), part("of it each layer", encoder.layer, 2),
      part("parameters of the heads", headParameters, 0),
    ] + frozen
  }

  /// Of the encoder's parts, the heads and teachers that run in the step.
  public var productParts: [PlannedPart] {
    let parts = [
      PlannedPart("products of a step", products.total),
      PlannedPart("front end", products.frontEnd, depth: 1),
      PlannedPart("transformer", products.transformer, depth: 1),
      PlannedPart("heads", products.heads, depth: 1),
    ]
    return products.teacher == 0
      ? parts : parts + [PlannedPart("teacher", products.teacher, depth: 1)]
  }

  /// What lasts over steps, and what is kept for gradients.
  public var memoryParts: [PlannedPart] {
    [
      PlannedPart("memory at most", memory.peak),
      PlannedPart("parameters, moments", memory.state + memory.copies, depth: 1),
      PlannedPart("gradients", memory.gradients, depth: 1),
      PlannedPart("kept by the front end", memory.frontEnd, depth: 1),
      PlannedPart("kept by the transformer", memory.transformer, depth: 1),
      PlannedPart("kept by the heads", memory.heads, depth: 1),
    ]
  }
}
