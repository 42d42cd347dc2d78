import Audio
import Foundation
import Models
import Pretrain
import Tensor

/// Fits a recipe's teachers on a collection and labels it: one store `labels-<set>.h5` and the
/// teacher itself, `teacher-<set>.safetensors`, for each label set.
public struct Teaching {
  private let recipe: Recipe
  private let folder: URL

  /// - Parameter folder: Where labels and teachers lie or will lie.
  public init(_ recipe: Recipe, folder: URL) { (self.recipe, self.folder) = (recipe, folder) }

  /// How evenly a label set uses its codes.
  public struct Summary: Sendable {
    /// The store.
    public var path: String
    /// How often each code occurs.
    public var statistics: CodeStatistics
  }

  /// The codes of a collection, as training wants them.
  public struct Labels: Sendable {
    /// For every file and label set the codes of its frames; empty without label sets.
    public var codes: [[[Int32]]] = []
    /// How many codes each label set has.
    public var codebooks: [Int] = []
    /// Changes when any label does; nil without label sets.
    public var fingerprint: String?
  }

  /// Whether all label sets are there.
  public var isDone: Bool {
    recipe.teacher.kmeans.indices.allSatisfy {
      FileManager.default.fileExists(atPath: store($0).path)
    }
  }

  /// Fits every teacher and writes its labels.
  ///
  /// - Parameter progress: Told how many files of how many are labelled, over all sets.
  public func teach(
    _ audio: any AudioSource, from manifest: Manifest, progress: Audio.Progress? = nil
  ) throws -> [Summary] {
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw RunError.unwritable(folder.path, reason: error.localizedDescription)
    }
    return try recipe.teacher.kmeans.enumerated().map { set, config in
      let teacher = try KMeansTeacher(
        fitting: config, to: audio, frameRate: recipe.encoder.frameRate,
        seed: UInt64(recipe.seed) &+ UInt64(set))
      try SafeTensors.write(teacher.tensors, to: teacherFile(set))
      return try label(audio, of: manifest, by: teacher, set: set, progress: progress)
    }
  }

  private func label(
    _ audio: any AudioSource, of manifest: Manifest, by teacher: KMeansTeacher, set: Int,
    progress: Audio.Progress?
  ) throws -> Summary {
    let writer = try LabelStoreWriter(
      at: store(set).path,
      description: LabelStore.Description(
        teacher: try description(set), rate: rate, codebookSizes: [teacher.codes],
        creator: "etude \(etudeVersion)"))
    var all: [Int32] = []
    for file in 0..<audio.count {
      let entry = audio.files[file]
      let codes = teacher.codes(
        of: try audio.crop(file: file, start: 0, length: entry.samples))
      try writer.append(
        entry.path, codes: Tensor(codes, shape: [1, codes.count]), samples: entry.samples,
        audioHash: ContentHash.ofFile(at: manifest.path(of: entry)))
      all += codes
      progress?(set * audio.count + file + 1, recipe.teacher.kmeans.count * audio.count)
    }
    try writer.finish()
    return Summary(
      path: store(set).path, statistics: CodeStatistics(codes: all, clusters: teacher.codes))
  }

  /// Reads the labels of a collection.
  /// - Throws: `LabelError` if they are missing, of another teacher or rate, or of changed audio.
  public func labels(of audio: any AudioSource, from manifest: Manifest) throws -> Labels {
    guard !recipe.teacher.kmeans.isEmpty else { return Labels() }
    let stores = try recipe.teacher.kmeans.indices.map { set in
      let store = try LabelStore(at: store(set).path)
      try store.check(rate)
      try store.check(teacher: try description(set))
      return store
    }
    var hash = ContentHash()
    let codes = try audio.files.map { entry in
      let audioHash = try ContentHash.ofFile(at: manifest.path(of: entry))
      return try stores.map { store in
        try store.check(entry.path, frames: entry.samples / rate.hop, audioHash: audioHash)
        let codes = try store.codes(of: entry.path).integers
        codes.withUnsafeBytes { hash.update(Data($0)) }
        return codes
      }
    }
    return Labels(
      codes: codes, codebooks: stores.flatMap(\.description.codebookSizes),
      fingerprint: String(hash.value, radix: 16))
  }

  /// A name for a folder that recipes with the same teachers share.
  public static func key(of recipe: Recipe) throws -> String {
    let teaching = Teaching(recipe, folder: URL(fileURLWithPath: "/"))
    var hash = ContentHash()
    for set in recipe.teacher.kmeans.indices {
      hash.update(Data("\(try teaching.description(set)) \(teaching.rate)\n".utf8))
    }
    return String(hash.value, radix: 16)
  }

  private var rate: LabelRate {
    LabelRate(sampleRate: recipe.encoder.sampleRate, hop: recipe.encoder.frontEnd.stride)
  }

  /// The teacher's settings: labels of other settings are refused.
  private func description(_ set: Int) throws -> String {
    let settings = try RecipeFile.flattened(recipe.teacher.kmeans[set])
    let resampler = recipe.data.resampler
    let heard = resampler == .soxr ? [] : ["resampler=\(resampler.rawValue)"]
    return (settings.map { "\($0.path)=\($0.value)" } + ["seed=\(recipe.seed)"] + heard)
      .joined(separator: " ")
  }

  private func store(_ set: Int) -> URL { folder.appendingPathComponent("labels-\(set).h5") }

  private func teacherFile(_ set: Int) -> URL {
    folder.appendingPathComponent("teacher-\(set).safetensors")
  }
}
