import Files
import Foundation
import Models
import Tensor

extension FuzzTarget {
  /// Damaged files of PyTorch: fairseq's checkpoints as models, others as dictionaries of tensors.
  static let torch = FuzzTarget(
    "torch", file: "input.pt",
    damaging: { _ in
      try [
        "fairseq-hubert.pt", "fairseq-mert.pt", "fairseq-data2vec.pt", "fairseq-options.pt",
        "tensors.pt", "legacy.pt", "protocol4.pt",
      ].map { try bytes(of: golden.appendingPathComponent("pytorch/\($0)").path) }
    }, read: readTorch)

  /// Every tensor of a dictionary of tensors; of any other file, the model that it is.
  @Sendable static func readTorch(_ path: String) throws {
    let url = URL(fileURLWithPath: path)
    let file = try TorchFile(contentsOf: url)
    for name in file.names { _ = try file.tensor(name) }
    guard file.names.isEmpty else { return }
    let source = try ModelSource(url)
    _ = try source.encoder()
    _ = try source.heads()
  }

  /// Checkpoints of fairseq that are sound but for numbers among their settings, lengths and shapes.
  static let fairseq = FuzzTarget("fairseq", file: "input.pt") { _ in
    { path, stream in
      let encoder = try AudioEncoder(smallConfig(&stream), using: &stream)
      try encoder.saveFairseq(to: URL(fileURLWithPath: path))
      var bytes = try bytes(of: path)
      for _ in 0..<stream.one(of: [0, 1, 3]) { changeInteger(of: &bytes, &stream) }
      try Data(bytes).write(to: URL(fileURLWithPath: path))
    }
  } read: {
    try readTorch($0)
  }

  /// Puts an odd number for one of a pickle's: behind the letter J.
  private static func changeInteger(of bytes: inout [UInt8], _ stream: inout RandomStream) {
    let places = bytes.prefix(20_000).indices.filter { bytes[$0] == 0x4A }
    let place = stream.one(of: places)
    let odd = Int32(truncatingIfNeeded: stream.oddInteger())
    withUnsafeBytes(of: odd) { bytes.replaceSubrange(place + 1..<place + 5, with: $0) }
  }

  /// Folders of models in which one of the files is damaged, or one value of the settings is odd.
  static let modelFolder = FuzzTarget("model-folder", file: "config.json") { _ in
    let folders = try ["data2vec", "hubert-post"].map { name in
      let files = try files(of: golden.appendingPathComponent("models/\(name)"))
      return name == "data2vec" ? files : try sharded(files)
    }
    return { path, stream in
      let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
      var files = folders.randomElement(using: &stream)!
      if stream.once(in: 2) {
        try AudioEncoder(smallConfig(&stream), using: &stream).save(to: folder)
        files = try Self.files(of: folder)
      }
      try writeDamaged(&files, to: folder, &stream)
    }
  } read: { path in
    _ = try AudioEncoder.load(URL(fileURLWithPath: path).deletingLastPathComponent())
  }

  /// Damages one of a folder's files, and writes all of them in place of those that are there.
  static func writeDamaged(
    _ files: inout [String: [UInt8]], to folder: URL, _ stream: inout RandomStream
  ) throws {
    let changed = files.keys.sorted().randomElement(using: &stream)!
    if changed.hasSuffix("config.json"), stream.once(in: 2) {
      files[changed] = oddJSON(files[changed]!, &stream)
    } else {
      files[changed] = Mutation(pool: [files[changed]!]).mutant(using: &stream)
    }
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path)
    where name != "sound" {
      try FileManager.default.removeItem(at: folder.appendingPathComponent(name))
    }
    for (name, bytes) in files {
      try Data(bytes).write(to: folder.appendingPathComponent(name))
    }
  }

  static func files(of folder: URL) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in ["config.json", "preprocessor_config.json", "model.safetensors"] {
      files[name] = try bytes(of: folder.appendingPathComponent(name).path)
    }
    return files
  }

  /// JSON, one line a value as we write it, with other values in some lines.
  private static func oddJSON(_ json: [UInt8], _ stream: inout RandomStream) -> [UInt8] {
    var lines = String(decoding: json, as: UTF8.self).split(separator: "\n").map(String.init)
    for _ in 0..<stream.one(of: [1, 1, 3]) {
      let number = Int.random(in: lines.indices, using: &stream)
      guard let colon = lines[number].firstRange(of: #/\s*: /#) else {
        lines.remove(at: number)
        continue
      }
      let odd = stream.one(of: [
        "\(stream.oddInteger())", "1e400", "0.5", "-1", "[]", "{}", "null", "true",
        quoted(stream.oddText()), "[\(stream.oddInteger())]",
      ])
      let comma = lines[number].hasSuffix(",") ? "," : ""
      lines[number] = lines[number][..<colon.upperBound] + odd + comma
    }
    return Array(lines.joined(separator: "\n").utf8)
  }

  /// A small encoder of any build.
  private static func smallConfig(_ stream: inout RandomStream) -> AudioEncoder.Config {
    var config = AudioEncoder.Config()
    config.frontEnd.channels = [4, 4]
    (config.frontEnd.kernels, config.frontEnd.strides) = ([10, 3], [5, 2])
    config.frontEnd.norm = stream.once(in: 2) ? .group : .layer
    (config.width, config.heads, config.feedForwardWidth) = (8, 2, 8)
    config.layers = stream.one(of: [1, 2])
    (config.position.kernel, config.position.groups) = (4, 2)
    config.normOrder = stream.once(in: 2) ? .pre : stream.once(in: 2) ? .post : .deep
    config.normalizesWaveform = Bool.random(using: &stream)
    return config
  }

  /// The same model with its weights behind an index.
  private static func sharded(_ files: [String: [UInt8]]) throws -> [String: [UInt8]] {
    var files = files
    let url = golden.appendingPathComponent("models/hubert-post/model.safetensors")
    let names = try SafeTensors(contentsOf: url).names
    let map = Dictionary(uniqueKeysWithValues: names.map { ($0, "part.safetensors") })
    files["part.safetensors"] = files.removeValue(forKey: "model.safetensors")
    files["model.safetensors.index.json"] = [UInt8](try JSONEncoder().encode(["weight_map": map]))
    return files
  }

  /// The folder of golden files.
  static let golden = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Golden")
}
