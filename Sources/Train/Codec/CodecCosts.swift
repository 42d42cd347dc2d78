import Models
import Pretrain

/// What the training of a codec costs.
public struct CodecCosts: TrainingCosts {
  /// What the codec learns by gradients.
  public var codec: Codec.Config.ParameterCounts
  /// The numbers of the codebooks' entries, which are learned as running means.
  public var entries: Int
  /// What the discriminators learn, which are not part of the codec; 0 without them.
  public var discriminatorParameters: Int
  /// Of codec and discriminators, what is frozen.
  public var frozenParameters: Int
  /// Operations of a step.
  public var products: CodecProducts
  /// Bytes that a step holds at its most, part by part.
  public var memory: CodecMemory

  /// Those of a recipe.
  public init(_ recipe: CodecRecipe) {
    let quantizer = recipe.codec.quantizer
    codec = recipe.codec.parameterCounts
    entries = quantizer.codebooks * quantizer.codes * recipe.codec.width
    discriminatorParameters = recipe.losses.adversary?.discriminators.parameterCount ?? 0
    let parts = TrainedParts(of: recipe)
    products = CodecProducts(recipe, training: parts)
    (memory, frozenParameters) = (CodecMemory(recipe, training: parts), parts.frozenCount)
  }

  /// Of the codec's encoder.
  public var encoderParameters: Int { codec.encoder }
  /// Of codec and discriminators.
  public var parameters: Int { codec.total + discriminatorParameters }
  /// Of all parts.
  public var operations: Double { products.total }
  /// The most that is held at once.
  public var peakBytes: Double { memory.peak }

  /// Of encoder and decoder, codebooks and discriminators.
  public var parameterParts: [PlannedPart] {
    let parts = [
      PlannedPart("parameters of the codec", Double(codec.total)),
      PlannedPart("encoder", Double(codec.encoder), depth: 1),
      PlannedPart("decoder", Double(codec.decoder), depth: 1),
      PlannedPart("entries of the codebooks", Double(entries)),
    ]
    let others = PlannedPart("parameters, discriminators", Double(discriminatorParameters))
    let frozen = PlannedPart("of all, frozen", Double(frozenParameters))
    return parts + (discriminatorParameters == 0 ? [] : [others])
      + (frozenParameters == 0 ? [] : [frozen])
  }

  /// Of encoder, codebooks, decoder and discriminators.
  public var productParts: [PlannedPart] {
    let parts = [
      PlannedPart("products of a step", products.total),
      PlannedPart("encoder", products.encoder, depth: 1),
      PlannedPart("codebooks", products.codebooks, depth: 1),
      PlannedPart("decoder", products.decoder, depth: 1),
    ]
    let others = PlannedPart("discriminators", products.discriminators, depth: 1)
    return products.discriminators == 0 ? parts : parts + [others]
  }

  /// What lasts over steps, and what is kept for gradients.
  public var memoryParts: [PlannedPart] {
    let parts = [
      PlannedPart("memory at most", memory.peak),
      PlannedPart("parameters, moments", memory.state, depth: 1),
      PlannedPart("gradients", memory.gradients, depth: 1),
      PlannedPart("codebooks", memory.codebooks, depth: 1),
      PlannedPart("kept by the encoder", memory.encoder, depth: 1),
      PlannedPart("kept by the decoder", memory.decoder, depth: 1),
      PlannedPart("waveforms and losses", memory.waveforms, depth: 1),
    ]
    let others = PlannedPart("kept by the discriminators", memory.discriminators, depth: 1)
    return memory.discriminators == 0 ? parts : parts + [others]
  }
}

/// Floating-point operations of the products of one step of a codec's training, two for a multiplication and its
/// addition: forward, and both gradients where they are needed.
public struct CodecProducts: Codable, Sendable {
  /// From the waveform to the latents.
  public var encoder: Double
  /// The search for the nearest entries.
  public var codebooks: Double
  /// From the latents to the waveform.
  public var decoder: Double
  /// Of originals and reconstructions; 0 without an adversary.
  public var discriminators: Double

  /// All of them.
  public var total: Double { encoder + codebooks + decoder + discriminators }

  /// Those of a recipe.
  init(_ recipe: CodecRecipe, training parts: TrainedParts) {
    let crops = 2 * Double(recipe.cropsPerStep)
    let frames = crops * Double(recipe.cropFrames)
    let (codec, quantizer) = (recipe.codec, recipe.codec.quantizer)
    let isIn = { (part: ModulePart) in { (place: ParameterPlace) in place.part == part } }
    // The encoder begins with the waveform, so it takes all three or one.
    encoder =
      (parts.share(where: isIn(.codecEncoder)) > 0 ? 3 : 1)
      * frames * Double(codec.encoderCost.products)
    decoder =
      parts.directions(where: isIn(.codecDecoder), above: isIn(.codecEncoder))
      * frames * Double(codec.decoderCost.products)
    codebooks = frames * Double(quantizer.codebooks) * Double(quantizer.codes * codec.width)
    discriminators =
      recipe.losses.adversary.map { crops * $0.products(samples: recipe.cropSamples) } ?? 0
  }
}

extension CodecTraining.Adversary {
  /// Multiplications for one crop: as constants, the discriminators run over the original and, for each of their two
  /// losses, over the reconstruction and back to it; a step that trains them runs over both and back to the weights.
  func products(samples: Int) -> Double {
    (1 + 2 * 2 + Double(probability) * 2 * 3)
      * Double(discriminators.cost(samples: samples).products)
  }
}
