import Files
import Tensor

/// Maps a codec's tensors to the names and layouts of `transformers`, and back.
///
/// There all modules of encoder and decoder are numbered in one row, activations with them. Convolutions lie there as
/// `[O, I, K]` and transposed ones as `[I, O, K]`, ours as `[O, K, I]` and `[I, K, O]`; gains as `[N, 1, 1]`, ours as
/// `[N]`.
struct EncodecNames {
  /// Our path and their name of every tensor.
  private var names: [String: String] = [:]

  /// - Parameters:
  ///   - config: The codec's numbers.
  ///   - countsLSTM: Whether an LSTM that is left out has a number; in `transformers` it has one, in the original
  ///     checkpoints it has not.
  init(_ config: Codec.Config, countsLSTM: Bool) {
    let stages = config.strides.indices
    addEncoder(config, stages, countsLSTM)
    addDecoder(config, stages, countsLSTM)
    for q in 0..<config.quantizer.codebooks {
      for (ours, theirs) in Self.buffers {
        names["quantizer.codebooks.\(q).\(ours)"] = "quantizer.layers.\(q).codebook.\(theirs)"
      }
    }
  }

  private static let buffers = [
    ("isInitialized", "inited"), ("clusterSizes", "cluster_size"), ("vectors", "embed"),
    ("sums", "embed_avg"),
  ]

  private mutating func addEncoder(
    _ config: Codec.Config, _ stages: Range<Int>, _ countsLSTM: Bool
  ) {
    var number = 0
    add("encoder.input", "encoder.layers.0")
    for i in stages {
      addUnits("encoder", i, config, &number)
      number += 2
      add("encoder.stages.\(i).shortening", "encoder.layers.\(number)")
    }
    addLSTM("encoder", config, countsLSTM, &number)
    add("encoder.output", "encoder.layers.\(number + 2)")
  }

  private mutating func addDecoder(
    _ config: Codec.Config, _ stages: Range<Int>, _ countsLSTM: Bool
  ) {
    var number = 0
    add("decoder.input", "decoder.layers.0")
    addLSTM("decoder", config, countsLSTM, &number)
    for i in stages {
      number += 2
      add("decoder.stages.\(i).lengthening", "decoder.layers.\(number)")
      addUnits("decoder", i, config, &number)
    }
    add("decoder.output", "decoder.layers.\(number + 2)")
  }

  private mutating func addUnits(
    _ side: String, _ stage: Int, _ config: Codec.Config, _ number: inout Int
  ) {
    for unit in 0..<config.residualUnits {
      number += 1
      let (ours, theirs) = ("\(side).stages.\(stage).units.\(unit)", "\(side).layers.\(number)")
      add(ours + ".narrowing", theirs + ".block.1")
      add(ours + ".widening", theirs + ".block.3")
      add(ours + ".shortcut", theirs + ".shortcut")
    }
  }

  private mutating func addLSTM(
    _ side: String, _ config: Codec.Config, _ countsLSTM: Bool, _ number: inout Int
  ) {
    guard config.lstmLayers > 0 || countsLSTM else { return }
    number += 1
    for layer in 0..<max(1, config.lstmLayers) {
      for (ours, theirs) in Self.lstm {
        names["\(side).lstm.layers.\(layer).\(ours)"] =
          "\(side).layers.\(number).lstm.\(theirs)_l\(layer)"
      }
    }
  }

  private static let lstm = [
    ("inputWeight", "weight_ih"), ("hiddenWeight", "weight_hh"), ("inputBias", "bias_ih"),
    ("hiddenBias", "bias_hh"),
  ]

  /// A convolution with all it may have.
  private mutating func add(_ ours: String, _ theirs: String) {
    names[ours + ".weight"] = theirs + ".conv.weight"
    names[ours + ".gain"] = theirs + ".conv.weight_g"
    names[ours + ".bias"] = theirs + ".conv.bias"
    names[ours + ".norm.weight"] = theirs + ".norm.weight"
    names[ours + ".norm.bias"] = theirs + ".norm.bias"
  }

  /// Their name of one of our tensors.
  ///
  /// - Parameter hasGain: Whether a weight has a gain beside it, which gives both other names.
  private func name(of path: String, hasGain: Bool) -> String {
    guard let name = names[path] else {
      preconditionFailure("EncodecNames: no foreign name for '\(path)'")
    }
    return hasGain && name.hasSuffix(".conv.weight") ? name + "_v" : name
  }

  /// The tensors of a codec as `transformers` names and lays them out.
  func exported(_ state: [(path: String, tensor: Tensor)]) -> [(name: String, tensor: Tensor)] {
    let paths = Set(state.map(\.path))
    return state.map { path, tensor in
      let name = name(of: path, hasGain: paths.contains(path.gainBeside))
      let value = tensor.detached()
      if path.hasSuffix(".gain") { return (name, value.reshaped([value.elementCount, 1, 1])) }
      return (name, value.rank == 3 ? value.permuted([0, 2, 1]) : value)
    }
  }

  /// The tensors of a file by our paths, in our layout.
  ///
  /// - Throws: `ModelError.tensors` if one is missing, has no place in the model, comes in two spellings, or is a
  ///   weight without a direction.
  func imported(
    _ weights: Weights, for state: [(path: String, tensor: Tensor)]
  ) throws -> [String: Tensor] {
    let paths = Set(state.map(\.path))
    var rest = weights
    var ours: [String: Tensor] = [:]
    for (path, expected) in state {
      let name = name(of: path, hasGain: paths.contains(path.gainBeside))
      guard let tensor = try rest.remove(name) else {
        throw ModelError.tensors("the model needs '\(name)', which the file does not hold")
      }
      ours[path] = Self.adapted(tensor, to: expected)
    }
    let unknown = rest.entries.keys.sorted()
    guard unknown.isEmpty else {
      throw ModelError.tensors("the model has no place for \(ellipsis(unknown)) of the file")
    }
    return ours
  }

  private static func adapted(_ tensor: Tensor, to expected: Tensor) -> Tensor {
    if tensor.rank == 3, expected.rank == 3 { return tensor.permuted([0, 2, 1]) }
    if expected.rank == 1, tensor.shape == [expected.shape[0], 1, 1] {
      return tensor.reshaped(expected.shape)
    }
    return tensor
  }

  /// The names of the zeros that stand for an LSTM that is left out, with their shapes.
  func placeholders(_ config: Codec.Config) -> [(name: String, shape: Shape)] {
    guard config.lstmLayers == 0 else { return [] }
    let width = config.innerWidth
    return ["encoder", "decoder"].flatMap { side in
      Self.lstm.map { ours, _ in
        let name = names["\(side).lstm.layers.0.\(ours)"]!
        return (name, ours.hasSuffix("Weight") ? [4 * width, width] : [4 * width])
      }
    }
  }
}

extension EncodecNames {
  /// One spelling of the many: weight norm as `weight_g` and `weight_v`.
  static func canonical(_ name: String) -> String {
    name.replacing("parametrizations.weight.original0", with: "weight_g")
      .replacing("parametrizations.weight.original1", with: "weight_v")
  }

  /// A name of the original checkpoints, of EnCodec or audiocraft, as `transformers` has it.
  static func transformersName(ofOriginal name: String) -> String {
    let replacements = [
      ("encoder.model.", "encoder.layers."), ("decoder.model.", "decoder.layers."),
      (".conv.conv.", ".conv."), (".conv.norm.", ".norm."), (".convtr.convtr.", ".conv."),
      (".convtr.norm.", ".norm."), ("quantizer.vq.layers.", "quantizer.layers."),
      ("._codebook.", ".codebook."),
    ]
    return replacements.reduce(name) { $0.replacing($1.0, with: $1.1) }
  }
}

extension String {
  /// Of a weight's path, that of the gain beside it.
  fileprivate var gainBeside: String {
    hasSuffix(".weight") ? dropLast("weight".count) + "gain" : self + " has none"
  }
}

extension EncodecNames {
  /// Whether a file of the original code holds a codec of such a configuration, by names and shapes.
  static func fit(_ weights: Weights, _ config: Codec.Config) -> Bool {
    guard weights.entries.count == config.weightCounts.tensors,
      weights.elementCount >= Double(config.weightCounts.numbers)
    else { return false }
    var blank = BlankGenerator()
    let names = EncodecNames(config, countsLSTM: false)
    return names.exported(Codec(config, using: &blank).state).allSatisfy { name, tensor in
      weights.entries[name]?.shape == Array(tensor.shape)
    }
  }
}
