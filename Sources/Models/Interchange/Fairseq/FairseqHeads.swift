import Files
import Tensor

/// Heads of pre-training in a checkpoint of fairseq:
///
/// | fairseq | ours |
/// |---|---|
/// | `final_proj`, `final_projs.{i}` of HuBERT and MERT | `codes.projection` |
/// | `label_embs_concat` | `codes.embeddings.{set}`, all rows of the set |
/// | `encoder_cqt_model.fc` | `spectrum.projection` |
/// | `final_proj` of data2vec | `regression.projection` |
struct FairseqHeads {
  /// The label sets as the checkpoint describes them.
  struct Labels {
    /// The rows of each set; nil if the checkpoint has no dictionaries.
    var rows: [Int]?
    /// How many sets there are; nil if the checkpoint has no dictionaries.
    var sets: Int?
    /// Rows before code 0, and rows behind the last code.
    var symbols = (before: Self.symbolCount, behind: 0)

    /// `<s>`, `<pad>`, `</s>`, `<unk>`
    static let symbolCount = 4
  }

  let isData2Vec: Bool
  let labels: Labels
  /// By fairseq's names.
  let weights: Weights

  /// Whether a tensor is of a head that is read.
  static func reads(_ name: String) -> Bool {
    ["final_proj.", "final_projs.", "encoder_cqt_model.fc."].contains(where: name.hasPrefix)
      || name == "label_embs_concat"
  }

  /// - Throws: `ModelError.tensors` if they do not fit together.
  func heads() throws -> PretrainingHeads {
    var rest = weights
    var heads = PretrainingHeads()
    try rest.move("encoder_cqt_model.fc", to: "spectrum.projection", of: &heads)
    if isData2Vec {
      // Older checkpoints have a sequence of one map.
      let name = rest.entries["final_proj.0.weight"] == nil ? "final_proj" : "final_proj.0"
      try rest.move(name, to: "regression.projection", of: &heads)
    } else if let embeddings = try rest.remove("label_embs_concat") {
      try readCodes(embeddings, &rest, into: &heads)
    }
    guard rest.entries.isEmpty else {
      throw ModelError.tensors(
        "its heads have \(ellipsis(rest.entries.keys.sorted())), for which there is no place")
    }
    try heads.check()
    return heads
  }

  private func readCodes(
    _ embeddings: Tensor, _ rest: inout Weights, into heads: inout PretrainingHeads
  ) throws {
    guard embeddings.rank == 2, embeddings.shape[1] > 0 else {
      throw ModelError.tensors("'label_embs_concat' has the shape \(embeddings.shape)")
    }
    try rest.joinProjections()
    try rest.move("final_proj", to: "codes.projection", of: &heads)
    guard let projection = heads.tensors["codes.projection.weight"] else {
      throw ModelError.tensors("its 'label_embs_concat' comes without a 'final_proj'")
    }
    heads.specialSymbols = labels.symbols.before
    let sets = try setCount(channels: projection.shape[0], width: embeddings.shape[1])
    var start = 0
    for (set, rows) in try rowCounts(sets: sets, total: embeddings.shape[0]).enumerated() {
      let end = start + rows
      heads.tensors["codes.embeddings.\(set)"] = embeddings.sliced(
        axis: 0, start..<end - labels.symbols.behind)
      start = end
    }
  }

  /// A projection has a part for each set, or is the same for all.
  private func setCount(channels: Int, width: Int) throws -> Int {
    let told = labels.rows?.count ?? labels.sets ?? channels / width
    guard channels == width || channels == told * width else {
      throw ModelError.tensors(
        "its 'final_proj' yields \(channels) channels for \(told) label sets of \(width)")
    }
    return told
  }

  /// The rows of each set. A checkpoint without dictionaries has sets of one size.
  private func rowCounts(sets: Int, total: Int) throws -> [Int] {
    let rows = labels.rows ?? Array(repeating: total / max(1, sets), count: sets)
    guard rows.reduce(0, +) == total, rows.allSatisfy({ $0 > Labels.symbolCount }) else {
      throw ModelError.tensors(
        "its 'label_embs_concat' has \(total) rows, which are not those of \(sets) label sets")
    }
    return rows
  }
}

extension Weights {
  /// Takes a linear map out, if there is one.
  fileprivate mutating func move(
    _ name: String, to path: String, of heads: inout PretrainingHeads
  ) throws {
    let (weight, bias) = (try remove(name + ".weight"), try remove(name + ".bias"))
    guard weight == nil && bias == nil || weight?.rank == 2 && bias?.shape == [weight!.shape[0]]
    else {
      throw ModelError.tensors("of '\(name)' it has no weight and bias that fit together")
    }
    (heads.tensors[path + ".weight"], heads.tensors[path + ".bias"]) = (weight, bias)
  }

  /// `final_projs.0`, `final_projs.1`, ... as one `final_proj`.
  fileprivate mutating func joinProjections() throws {
    for part in ["weight", "bias"] {
      var parts: [Tensor] = []
      while let next = try remove("final_projs.\(parts.count).\(part)") { parts.append(next) }
      guard let first = parts.first else { continue }
      guard entries["final_proj.\(part)"] == nil, parts.allSatisfy({ $0.rank > 0 }),
        parts.allSatisfy({
          $0.dtype == first.dtype && $0.shape.removing(axis: 0) == first.shape.removing(axis: 0)
        })
      else { throw ModelError.tensors("its 'final_projs' do not fit together") }
      let joint = Tensor.concatenated(parts, axis: 0)
      entries["final_proj.\(part)"] = Entry(shape: Array(joint.shape)) { joint }
    }
  }
}

extension FairseqHeads.Labels {
  /// - Parameter task: Its settings.
  init(_ root: PickleView, task: PickleView) {
    let dictionaries = root["task_state"]?["dictionaries"]?.elements ?? []
    // What `FairseqExport` notes, as it writes no dictionaries.
    let noted = root["etude"]?["label_rows"]?.elements.compactMap(\.integer) ?? []
    if !noted.isEmpty {
      rows = noted.map { min($0, 1 << 40) }
    } else if !dictionaries.isEmpty {
      rows = dictionaries.map { $0["symbols"]?.elements.count ?? 0 }
    }
    let names = task["labels"]?.elements.count ?? 0
    sets = names > 0 ? names : nil
    // MERT's labels in NumPy's files are codes as they are.
    if task["numpy_memmap_label"]?.flag == true { symbols = (0, Self.symbolCount) }
  }
}
