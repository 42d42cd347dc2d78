import Files
import Tensor

/// Maps our parameters to the names and layouts of `transformers`, and back. Nothing else knows them.
///
/// Convolutions lie there as `[Cout, Cin, K]`, ours as `[Cout, K, Cin]`; the gains of the
/// positional convolution as `[1, 1, K]`, ours as `[K]`.
enum StateDict {
  /// Our paths, part by part, and theirs; a number in braces stands for itself.
  private static let fixed: [(ours: String, theirs: String)] = [
    ("extractor.layers.{i}.timeNorm", "feature_extractor.conv_layers.{i}.layer_norm"),
    ("extractor.layers.{i}.layerNorm", "feature_extractor.conv_layers.{i}.layer_norm"),
    ("extractor.layers.{i}", "feature_extractor.conv_layers.{i}.conv"),
    ("projection.norm", "feature_projection.layer_norm"),
    ("projection.linear", "feature_projection.projection"),
    ("maskEmbedding", "masked_spec_embed"),
    ("position.gain", "encoder.pos_conv_embed.conv.weight_g"),
    ("position.direction", "encoder.pos_conv_embed.conv.weight_v"),
    ("position.layers.{i}", "encoder.pos_conv_embed.layers.{i}.conv"),
    ("position", "encoder.pos_conv_embed.conv"),
    ("transformer.norm", "encoder.layer_norm"),
    ("transformer.layers.{i}.attention.query", "encoder.layers.{i}.attention.q_proj"),
    ("transformer.layers.{i}.attention.key", "encoder.layers.{i}.attention.k_proj"),
    ("transformer.layers.{i}.attention.value", "encoder.layers.{i}.attention.v_proj"),
    ("transformer.layers.{i}.attention.output", "encoder.layers.{i}.attention.out_proj"),
    ("transformer.layers.{i}.attentionNorm", "encoder.layers.{i}.layer_norm"),
    ("transformer.layers.{i}.feedForward", "encoder.layers.{i}.feed_forward"),
    ("transformer.layers.{i}.feedForwardNorm", "encoder.layers.{i}.final_layer_norm"),
  ]

  /// The maps of the feed-forward blocks; one that no published model has keeps its names.
  private static var feedForwards: [(ours: String, theirs: String)] {
    FeedForwardKind.allCases.flatMap(\.publishedNames).map { name in
      (
        "transformer.layers.{i}.feedForward.\(name.ours)",
        "encoder.layers.{i}.feed_forward.\(name.transformers)"
      )
    }
  }

  private static let table = NameTable(fixed + feedForwards)

  /// Their name of one of our parameters.
  /// - Traps when: the path is not one of an encoder.
  static func foreignName(of path: String) -> String {
    guard let name = table.foreignName(of: path) else {
      preconditionFailure("StateDict: no foreign name for '\(path)'")
    }
    return name
  }

  /// Values of parameters (or their gradients) as `transformers` names and lays them out.
  static func export(
    _ parameters: [(path: String, tensor: Tensor)]
  ) -> [(name: String, tensor: Tensor)] {
    parameters.map { path, tensor in
      let value = tensor.detached()
      switch value.rank {
      case 3: return (foreignName(of: path), value.permuted([0, 2, 1]))
      case 1 where path == "position.gain":
        return (foreignName(of: path), value.reshaped([1, 1, value.elementCount]))
      default: return (foreignName(of: path), value)
      }
    }
  }

  /// Tensors of a file by our paths, in our layout.
  ///
  /// - Throws: `ModelError.tensors` if one is missing, has no place in the model, or comes in two
  ///   spellings.
  static func `import`(
    _ weights: Weights, into encoder: AudioEncoder
  ) throws -> [String: Tensor] {
    var rest = try canonical(weights)
    var ours: [String: Tensor] = [:]
    for (path, parameter) in encoder.state {
      let name = foreignName(of: path)
      if let tensor = try rest.remove(name) {
        ours[path] = adapted(tensor, to: parameter)
      } else if path == "maskEmbedding", !weights.needsMaskEmbedding {
        ours[path] = unlearnedMaskEmbedding(parameter.shape)
      } else {
        throw ModelError.tensors("the model needs '\(name)', which the file does not hold")
      }
    }
    let unknown = rest.entries.keys.sorted()
    guard unknown.isEmpty else {
      throw ModelError.tensors("the model has no place for \(ellipsis(unknown)) of the file")
    }
    return ours
  }

  /// A model that was saved without one learns it when it is trained on; always the same.
  private static func unlearnedMaskEmbedding(_ shape: Shape) -> Tensor {
    var generator = RandomStream(seed: 0, purpose: .initialisation)
    return .uniform(shape, in: 0..<1, using: &generator)
  }

  private static func adapted(_ tensor: Tensor, to parameter: Tensor) -> Tensor {
    if tensor.rank == 3, parameter.rank == 3 { return tensor.permuted([0, 2, 1]) }
    if tensor.rank == 3, parameter.rank == 1, tensor.elementCount == tensor.shape[2] {
      return tensor.reshaped([tensor.elementCount])
    }
    return tensor
  }
}

extension StateDict {
  /// A name in the spelling of PyTorch's parametrisations, in which `transformers` has had weight norm
  /// since PyTorch 2.1; versions before 4.45 warn of `weight_g` and `weight_v`.
  static func parametrised(_ name: String) -> String {
    name.replacing(".weight_g", with: ".parametrizations.weight.original0")
      .replacing(".weight_v", with: ".parametrizations.weight.original1")
  }

  /// One spelling of the many: without the prefix of a model with a head, weight norm as `weight_g`
  /// and `weight_v`.
  private static func canonical(_ weights: Weights) throws -> Weights {
    var result = try weights.renamed { canonical($0) }
    let plain = "encoder.pos_conv_embed.conv.weight"
    guard let weight = try result.remove(plain) else { return result }
    for (name, tensor) in [(plain + "_g", tapNorms(of: weight)), (plain + "_v", weight)] {
      guard result.entries[name] == nil else {
        throw ModelError.tensors("the file has '\(plain)' and '\(name)'; only one can be meant")
      }
      result.entries[name] = .init(shape: Array(tensor.shape)) { tensor }
    }
    return result
  }

  private static func canonical(_ name: String) -> String {
    name.replacing("parametrizations.weight.original0", with: "weight_g")
      .replacing("parametrizations.weight.original1", with: "weight_v")
  }

  /// The gains of a weight `[Cout, Cin, K]` whose norm was folded in: `[1, 1, K]`.
  private static func tapNorms(of weight: Tensor) -> Tensor {
    guard weight.rank == 3 else { return weight }
    let norms = NormedPositionalConvolution.tapNorms(of: weight.permuted([0, 2, 1]))
    return norms.reshaped([1, 1, norms.elementCount])
  }
}
